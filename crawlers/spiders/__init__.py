"""How to walk lists: one spider per kind of list, not one per site."""
