"""The shape of a node's word list, and of the numbers that decide when an article is about a node."""

import re
from functools import cached_property
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chainwatch import yamlfile
from chainwatch.matching.folding import fold
from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.matching.taxonomy_file import faults
from chainwatch.problem import Problem, Problems

_Model = TypeVar("_Model", bound=BaseModel)
FOLDERS = ("ecosystems", "topics")
"""Folders of a bundle with word lists."""
SCORING = "tagging.yaml"
Word = Annotated[str, Field(min_length=1, max_length=40)]
Folded = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(fold)]
Share = Annotated[int, Field(ge=0, le=1000)]
"""In thousandths: no floats are made by arithmetic on what decides."""


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TitledCase(_Spec):
    """A case that needs a headline."""

    title: str = ""
    text: str


class Cases(_Spec):
    """Texts that are about the node, and texts that are not."""

    hits: list[str | TitledCase] = Field(default_factory=list)
    misses: list[str | TitledCase] = Field(default_factory=list)


class WordsFile(_Spec):
    """The words of one node."""

    node: str
    """Node id."""
    why: str
    """What the node covers, in English."""
    strong: list[Word] = Field(min_length=1)
    """Each means the node."""
    weak: list[Word] = Field(default_factory=list)
    """May mean the node: they count less, and not beside a strong word of another node."""
    passing: list[Word] = Field(default_factory=list)
    """Mention the node, never more."""
    demote: list[Word] = Field(default_factory=list)
    """Make of every word of the node in their sentence a mention."""
    needs: list[Word] = Field(default_factory=list)
    """One of them must stand in the article."""
    cases: Cases


class Genre(_Spec):
    """A kind of text that is known by its title or opening, and how much its body then counts."""

    name: str
    why: str
    title: list[Folded] = Field(default_factory=list)
    opening: list[Folded] = Field(default_factory=list)
    body: Share
    """Of the weight that the body has elsewhere."""
    head: Share = 1000
    """Of the weight that the title has elsewhere."""


class Scoring(_Spec):
    """When an article is about a node: its points reach `about`. All numbers in thousandths."""

    about: Share = 1000
    title: Share = 1000
    """A strong word in the title."""
    lead: Share = 400
    """A strong word in the first sentence."""
    weak: Share = 400
    """What a weak word counts against a strong one."""
    passage: Share = 100
    """Share of the text that makes a passage: it alone gives the points of a title."""
    heading: Share = 1000
    """A strong word in the headline of an item of a digest."""
    item: Share = 500
    """Share of a digest item's text that makes it about the node without its headline."""
    list_of: Annotated[int, Field(ge=2, le=9)] = 3
    """So many sectors in a row are a list, and what is in it a mention."""
    others: Annotated[int, Field(ge=1, le=20)] = 3
    """A word among so many other things in a row is one of a list."""
    once: Share = 1000
    """Of the weight that a passage has elsewhere, where a text has one word of the node, and not in its title."""
    works: list[Folded] = Field(default_factory=list)
    """Close behind that one word they tell of a project of the node itself: the passage counts in full."""
    beside: Share = 1000
    """Of the weight that the text has elsewhere, for a node that the title does not name while it names another."""
    weak_sentences: Annotated[int, Field(ge=1, le=20)] = 3
    """So many sentences with weak words do without a strong one."""
    boilerplate: list[Folded] = Field(default_factory=list)
    """Sentences with one of them only mention what they name."""
    digest_titles: list[Folded] = Field(default_factory=list)
    """Titles of digests: each item of the text has its own headline."""
    genres: list[Genre] = Field(default_factory=list)

    @cached_property
    def of_a_genre(self) -> re.Pattern[str]:
        """Finds a title word of any genre: most titles hold none."""
        words = sorted({word for genre in self.genres for word in genre.title})
        return re.compile("|".join(map(re.escape, words)) or "(?!)")


def read_words(data: bytes, place: str, taxonomy: Taxonomy) -> tuple[WordsFile, str]:
    """One word list and the place of its node. Raises Problems with every fault of the file."""
    document = yamlfile.read(data, place)
    content = _validate(WordsFile, document)
    problems = list(_doubled(document, content))
    if content.node not in taxonomy.nodes:
        where = document.at(("node",))
        problems.append(Problem(f"unknown node {content.node}", place=where, cure="chainwatch taxonomy list"))
    if not (content.cases.hits and content.cases.misses):
        cure = "add at least one text of each kind"
        problems.append(Problem("a word list needs hits and misses", place=document.at(("cases",)), cure=cure))
    if problems:
        raise Problems(problems)
    return content, document.at(("node",))


def read_scoring(data: bytes, place: str) -> Scoring:
    """The numbers. Raises Problems."""
    return _validate(Scoring, yamlfile.read(data, place))


def _validate(model: type[_Model], document: yamlfile.Document) -> _Model:
    try:
        return model.model_validate(document.value or {})
    except ValidationError as error:
        raise Problems(list(faults(document, error))) from error


def _doubled(document: yamlfile.Document, content: WordsFile) -> list[Problem]:
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    for key in ("strong", "weak", "passing"):
        words: list[str] = getattr(content, key)
        for number, word in enumerate(words):
            if word in seen:
                what = f"{word} stands already under {seen[word]}"
                problems.append(Problem(what, place=document.at((key, number)), cure="keep one of them"))
            seen.setdefault(word, key)
    return problems
