"""One folder a page: page.html, the case (address, time of fetching) and the article expected of it."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from crawlers.templates import TEMPLATES, parse_page

GOLDEN = sorted((Path(__file__).parent / "golden").iterdir())


def read(folder: Path) -> dict[str, object]:
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    parsed = parse_page(
        (folder / "page.html").read_text(encoding="utf-8"), case["url"], fetched=datetime.fromisoformat(case["fetched"])
    )
    article = parsed.article.model_dump(mode="json", exclude_defaults=True)
    return {key: value for key, value in article.items() if key != "content_digest"} | {
        "next_pages": list(parsed.next_pages)
    }


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_page_becomes_the_expected_article(folder: Path) -> None:
    assert read(folder) == json.loads((folder / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_every_field_names_the_selector_that_gave_it(folder: Path) -> None:
    got = read(folder)
    selectors = got["selectors"]
    assert isinstance(selectors, dict)
    fields = {"title", "published", "source", "author", "editor", "channel", "subtitle"} & got.keys()
    assert fields <= selectors.keys()


def test_every_template_of_a_mission_site_has_a_golden_page() -> None:
    read_by = {str(read(folder)["template"]).partition("/")[0] for folder in GOLDEN}
    assert {"sina", "hanweb_jcms", "jpaas", "govcn", "trs", "epaper", "zj_policy", "generic"} <= read_by
    assert read_by <= {template.name for template in TEMPLATES} | {"generic"}
