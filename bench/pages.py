"""Page → Article beside trafilatura, in one run: pages a second, by template and the generic way."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from crawlers.templates import Refused, parse

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "data" / "pages"
GOLDEN = ROOT / "tests" / "templates" / "golden"
FETCHED = datetime(2026, 1, 1, tzinfo=UTC)
PASSES = 3

Page = tuple[str, str | None]


def pages() -> Iterator[Page]:
    """The real pages beside the project, or the golden pages of the tests."""
    if REAL.is_dir():
        for row in map(json.loads, (REAL / "index.jsonl").read_bytes().splitlines()):
            if row["kind"] != "list":
                yield (REAL / f"{row['id']}.html").read_bytes().decode(row["encoding"]), row.get("url") or None
        return
    for folder in sorted(GOLDEN.iterdir()):
        case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        yield (folder / "page.html").read_text(encoding="utf-8"), case.get("url")


def template_of(page: Page) -> str | None:
    try:
        return parse(page[0], page[1], fetched=FETCHED).template
    except Refused:
        return None


def ours(page: Page) -> None:
    parse(page[0], page[1], fetched=FETCHED)


def generic(page: Page) -> None:
    try:
        parse(page[0], page[1], fetched=FETCHED, use_templates=False)
    except Refused:
        return


def peer() -> Callable[[Page], None]:
    from trafilatura import bare_extraction  # noqa: PLC0415  slow to import

    def run(page: Page) -> None:
        bare_extraction(page[0], url=page[1], with_metadata=True)

    return run


def seconds(run: Callable[[Page], None], sample: list[Page]) -> float:
    started = time.process_time()
    for page in sample:
        run(page)
    return time.process_time() - started


def main() -> None:
    found = [(page, template_of(page)) for page in pages()]
    sample = [page for page, template in found if template and not template.startswith("generic")]
    characters = sum(len(html) for html, _ in sample)
    print(f"{len(sample)} pages with a template, {characters / 1e6:.1f} M characters")
    print(f"best of {PASSES} interleaved passes, processor seconds")
    systems = {"chainwatch, template": ours, "chainwatch, generic": generic, "trafilatura": peer()}
    best = dict.fromkeys(systems, float("inf"))
    for _ in range(PASSES):
        for name, run in systems.items():
            best[name] = min(best[name], seconds(run, sample))
    for name, spent in best.items():
        print(f"{name:22} {len(sample) / spent:8.1f} pages/s  {best['trafilatura'] / spent:5.1f} x trafilatura")


if __name__ == "__main__":
    main()
