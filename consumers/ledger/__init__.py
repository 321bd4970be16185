"""The decisions of the ledger, a file each; `consumers/compare.py` puts them together. All pure."""
