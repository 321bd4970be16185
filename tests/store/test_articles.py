"""Articles: revisions numbered here, each record once, found again by any of their words."""

from decimal import Decimal

import pytest

from chainwatch.models import Article, Strength, Tag
from chainwatch.store import articles, search, tags
from chainwatch.store.articles import Arrival, Filter, Place
from chainwatch.store.database import Database
from tests.store.samples import article


def put(database: Database, *made: Article) -> dict[articles.Key, Place]:
    with database.write() as connection:
        return articles.put(connection, [Arrival(one, f"t/0@{n}", "b") for n, one in enumerate(made)], 1)


def tag(node: str) -> Tag:
    return Tag(
        node=node,
        name=node,
        strength=Strength.ABOUT,
        score=Decimal(1),
        rule="r",
        rule_version="1",
        rule_set="s",
        hits=(),
    )


def test_revisions_are_numbered_in_order_of_arrival(database: Database) -> None:
    first, second = article("a", "一"), article("a", "二", minutes=1)
    places = put(database, first, article("b"), second)
    assert [places[articles.key_of(one)].revision for one in (first, second)] == [1, 2]
    third = put(database, article("a", "三", minutes=2))
    assert [place.revision for place in third.values()] == [3]
    with database.read() as connection:
        assert [row["revision"] for row in articles.history(connection, "a")] == [1, 2, 3]
        assert articles.get(connection, "a") == article("a", "三", minutes=2)
        assert articles.get(connection, "a", 1) == first
        assert articles.get(connection, "nobody") is None
        assert articles.count(connection) == 2


def test_the_current_revision_is_the_one_fetched_last_not_the_one_stored_last(database: Database) -> None:
    put(database, article("a", "新", minutes=9))
    put(database, article("a", "旧", minutes=3))
    with database.read() as connection:
        current = articles.get(connection, "a")
        assert current is not None
        assert current.text == "新"


def test_a_revision_that_comes_back_is_current_again(database: Database) -> None:
    first = article("a", "一")
    put(database, first, article("a", "二", minutes=5))
    with database.write() as connection:
        again = article("a", "一", minutes=9)
        (place,) = articles.known(connection, [articles.key_of(again)]).values()
        articles.seen_again(connection, again, place)
        current = articles.get(connection, "a")
        assert current is not None
        assert current.text == "一"


def test_known_tells_records_not_articles(database: Database) -> None:
    put(database, article("a", "一"))
    with database.read() as connection:
        keys = [articles.key_of(article("a", "一")), articles.key_of(article("a", "二"))]
        assert list(articles.known(connection, keys)) == keys[:1]


def test_lists_filter_and_page(database: Database) -> None:
    placed = put(database, *(article(f"a{n}", str(n), site="甲" if n % 2 else "乙") for n in range(6)))
    visual = tag("hz5/智能物联/视觉智能")
    with database.write() as connection:
        tags.put(connection, [(place, [visual], [visual.to_json().decode()]) for place in list(placed.values())[:2]])
        ids = [row["id"] for row in articles.listed(connection, Filter(), 4)]
        assert ids == ["a5", "a4", "a3", "a2"]
        last = articles.listed(connection, Filter(), 4)[-1]["number"]
        assert [row["id"] for row in articles.listed(connection, Filter(), 4, before=last)] == ["a1", "a0"]
        assert {row["id"] for row in articles.listed(connection, Filter(site="甲"), 9)} == {"a1", "a3", "a5"}
        for node in ("hz5/智能物联", "hz5/智能物联/视觉智能"):
            assert len(articles.listed(connection, Filter(node=node), 9)) == 2
        assert articles.listed(connection, Filter(node="hz5/智能"), 9) == []
        assert tags.counts(connection) == {"hz5/智能物联/视觉智能": 2}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param(["储能"], ["two", "one"], id="two-characters"),
        pytest.param(["能"], ["two", "one"], id="one-character"),
        pytest.param(["储能", "补贴"], ["one"], id="all-words"),
        pytest.param(["能补"], [], id="not-across-a-gap"),
        pytest.param(["5G"], ["two"], id="latin"),
        pytest.param(["５ｇ芯片"], ["two"], id="full-width-and-case"),
        pytest.param(["标题"], ["two", "one"], id="in-the-title"),
        pytest.param(['"储能" OR x*'], [], id="no-query-language"),
        pytest.param(["，。"], [], id="nothing-to-look-for"),
        pytest.param(["初稿"], [], id="only-in-an-old-revision"),
    ],
)
def test_search_finds_words_of_any_length(database: Database, words: list[str], found: list[str]) -> None:
    put(
        database,
        article("one", "初稿"),
        article("one", "新型储能项目可获补贴", minutes=1),
        article("two", "储能与5G芯片"),
    )
    with database.write() as connection:
        assert search.lag(connection) == 3
        assert search.index_next(connection, 2) == 2
        assert search.index_next(connection, 2) == 1
        assert search.index_next(connection, 2) == 0
        assert search.lag(connection) == 0
        numbers = search.search(connection, words, 9)
        rows = articles.listed(connection, Filter(numbers=frozenset(numbers)), 9)
    assert [row["id"] for row in rows] == found


NUMBERS = "产值突破1.5万亿元，2024-2026年投资12,000万元，COVID-19，见 www.example.com/a_b"


@pytest.mark.parametrize(
    "word",
    ["1.5万亿", "1.5", "2026年", "2024-2026", "12,000万", "COVID-19", "covid", "example.com", "a_b", "19，见"],
)
def test_numbers_and_names_are_found_as_they_are_written(database: Database, word: str) -> None:
    put(database, article("one", NUMBERS), article("two", "产值突破5.1万亿元，2026-2024"))
    assert found_by(database, word) == ["one"]


def test_a_long_text_is_found_by_its_last_word_and_across_its_pieces(database: Database) -> None:
    filling = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(30_000))
    put(database, article("long", f"{filling}末尾的视觉智能"), article("often", "的好" * 3_000 + "可的"))
    for at in (0, 7_960, 7_990, 15_950, 29_990):
        assert found_by(database, filling[at : at + 20]) == ["long"], at
    assert found_by(database, "末尾的视觉智能") == ["long"]
    assert found_by(database, "好可的") == ["often"]
    assert found_by(database, filling[100:200]) == ["long"]


def test_a_text_of_many_words_does_not_stop_the_index(database: Database) -> None:
    put(database, article("table", " ".join(f"{n * 7_919}" for n in range(100_000))), article("long", "x" * 9_000))
    put(database, article("next", "储能"))
    assert found_by(database, "储能") == ["next"]
    assert found_by(database, f"{99_999 * 7_919}") == ["table"]


def found_by(database: Database, word: str) -> list[str]:
    with database.write() as connection:
        while search.index_next(connection, 9):
            pass
        numbers = search.search(connection, [word], 9)
        rows = articles.listed(connection, Filter(numbers=frozenset(numbers)), 9) if numbers else []
    return [row["id"] for row in rows]
