"""Run all benches, or those named: `python -m bench [NAME…]`."""

import sys
from importlib import import_module

BENCHES: tuple[str, ...] = (
    "rules",
    "pages",
    "crawl",
    "routing",
    "tag",
    "extract",
    "ledger",
    "pipeline",
    "latency",
    "growth",
    "scale",
    "rung",
)
"""Modules of this folder, in the order they run."""


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names or BENCHES:
        print(f"== {name}", flush=True)
        import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
