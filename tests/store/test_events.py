"""Events: each id once, listed by kind, node, region and time."""

from chainwatch.models import EventKind
from chainwatch.store import events
from chainwatch.store.database import Database
from chainwatch.store.events import Filter
from tests.store.samples import event

CHAIN = "hz5/智能物联/视觉智能"


def test_an_event_is_recorded_once_whoever_finds_it(database: Database) -> None:
    with database.write() as connection:
        assert events.put(connection, [event("a"), event("b"), event("a")], 1) == [event("a"), event("b")]
        assert events.put(connection, [event("b"), event("c")], 2) == [event("c")]
        assert [one.event.subject for one in events.listed(connection, Filter(), 9)] == ["c", "b", "a"]
        assert [one.event.subject for one in events.after(connection, 1, 9)] == ["b", "c"]
        found = events.get(connection, event("c").id)
        assert found is not None
        assert found.found_ms == 2


def test_lists_filter(database: Database) -> None:
    made = [
        event("a", nodes=(CHAIN,), region="杭州/滨江"),
        event("b", EventKind.POLICY_NEW, region="浙江", silent=True),
        event("c", nodes=("topic/中国视谷", CHAIN), region="杭州"),
    ]
    with database.write() as connection:
        for at, one in enumerate(made):
            events.put(connection, [one], at)

        def subjects(wanted: Filter) -> str:
            return "".join(one.event.subject for one in events.listed(connection, wanted, 9))

        assert subjects(Filter(nodes=frozenset({"hz5/智能物联"}))) == "ca"
        assert subjects(Filter(nodes=frozenset({"topic/中国视谷"}))) == "c"
        assert subjects(Filter(nodes=frozenset({"hz5/智能"}))) == ""
        assert subjects(Filter(kinds=frozenset({EventKind.POLICY_NEW}))) == "b"
        assert subjects(Filter(regions=frozenset({"杭州"}))) == "ca"
        assert subjects(Filter(since_ms=1, until_ms=2)) == "b"
        assert subjects(Filter(silent=False)) == "ca"
        assert subjects(Filter(subject="a")) == "a"
