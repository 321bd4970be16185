"""The only loop: read records, run the hops, commit results and offset in one transaction.

loop.py      read a batch, hand it on, survive poison, stop when told
reading.py   what tag and extract say of one article; hops.py makes them from a rule bundle
pool.py      the same in child processes, with limits; packing.py carries their readings back
decide.py    everything that is decided under the ledger's lock, one transaction for a batch
"""
