"""`python -m chainwatch.cli` is the `chainwatch` command: how workers are started whatever PATH says."""

from chainwatch.cli.main import run

run()
