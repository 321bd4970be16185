"""Chores of the repository: lock files, schemas, checks of the wheel. Not shipped."""
