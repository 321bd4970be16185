"""Problem: an error made for its reader. It says what is wrong, where, how to cure it, and whether a retry can help."""


class Problem(Exception):  # noqa: N818  it is read by people: "Problem: …"
    """Bad input or a broken surrounding, never a bug of ours.

    Args:
        what: one sentence, no full stop needed.
        place: `file:line:column`, a URL without secrets, a command-line flag, a record's `topic/partition@offset`.
        cure: what the reader can do about it.
        retry: whether the same call may succeed later.
    """

    def __init__(self, what: str, *, place: str | None = None, cure: str | None = None, retry: bool = False) -> None:
        super().__init__(what)
        self.what, self.place, self.cure, self.retry = what, place, cure, retry

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" if self.place else self.what


class Problems(Problem):
    """Everything wrong with one input, found in one pass."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems
