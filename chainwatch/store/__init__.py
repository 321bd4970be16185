"""The SQL store: tables and queries, a file per noun. `database.py` is the door."""
