"""Run all benches, or those named: `python -m bench [NAME [SIZE…]]…`. Sizes are whole numbers, 300_000 or 300000."""

import sys
from importlib import import_module

BENCHES: tuple[str, ...] = (
    "rules",
    "rules_diff",
    "pages",
    "crawl",
    "routing",
    "tag",
    "extract",
    "ledger",
    "duplicates",
    "pipeline",
    "latency",
    "growth",
    "scale",
    "rung",
)
"""Modules of this folder, in the order they run."""


def main(arguments: list[str]) -> int:
    wanted: dict[str, list[int]] = {}
    for argument in arguments:
        if argument.replace("_", "").isdigit() and wanted:
            wanted[next(reversed(wanted))].append(int(argument))
        else:
            wanted[argument] = []
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in wanted or BENCHES:
        print(f"== {name}", flush=True)
        import_module(f"bench.{name}").main(*wanted.get(name, ()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
