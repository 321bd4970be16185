"""Sends: render, split, mask, pool. The only folder that imports apprise."""
