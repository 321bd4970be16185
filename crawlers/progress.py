"""How far a walk has come: the first list page that still has an article without an outcome."""

from collections import defaultdict


class Progress:
    """Counts the open articles of every page of every walk of one run."""

    def __init__(self) -> None:
        self._open: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._done: defaultdict[str, int] = defaultdict(int)

    def added(self, walk: str, step: int, count: int) -> int:
        """A list page named so many articles to fetch. Returns the step to start from after a kill."""
        self._open[walk][step] = self._open[walk].get(step, 0) + count
        return self._reached(walk)

    def settled(self, walk: str, step: int) -> int:
        """One of them has ended. Returns the step to start from after a kill."""
        self._open[walk][step] -= 1
        return self._reached(walk)

    def _reached(self, walk: str) -> int:
        steps = self._open[walk]
        busy = [step for step, count in steps.items() if count > 0]
        last = min(busy) if busy else max(steps) + 1
        self._done[walk] = max(self._done[walk], last)
        return self._done[walk]
