"""Rule files: what a YAML file of rules may say, as models; the JSON Schema for editors is made from them."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chainwatch.matching.rule import Status
from chainwatch.problem import Problem, Problems
from chainwatch.yamlfile import Document, Path

Text = Annotated[str, Field(min_length=1, max_length=200)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1, max_length=2_000)]
Weight = Annotated[Decimal, Field(gt=0, le=100)]
FieldName = Literal["title", "body", "first", "source", "attachment"]
FieldNames = Annotated[tuple[FieldName, ...], Field(min_length=1)]
RuleId = Annotated[str, Field(pattern=r"^[0-9a-z][0-9a-z._-]{0,99}$")]


class Spec(BaseModel):
    """Base of everything in a rule file: unknown keys are refused; a bare number is a word."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class WordSpec(Spec):
    """Words with a weight, fields or masks of their own."""

    words: Texts
    weight: Weight = Decimal(1)
    fields: FieldNames | None = None
    not_inside: tuple[Text, ...] = ()


class NearSpec(Spec):
    """One of `a` and one of `b`, close together, in any order."""

    a: Text | Texts
    b: Text | Texts
    within: Annotated[int, Field(ge=0, le=1_000)] | Literal["sentence", "paragraph"] = "sentence"
    """Characters that may stand between them, or the same sentence or paragraph."""
    weight: Weight = Decimal(1)


class RegexSpec(Spec):
    """A pattern with a weight or fields of its own."""

    pattern: Annotated[str, Field(min_length=1)]
    weight: Weight = Decimal(1)
    fields: FieldNames | None = None


class MatchSpec(Spec):
    """When a rule holds: every block that is given must hold."""

    any: tuple[Text | WordSpec, ...] = ()
    """At least one of them occurs."""
    all: tuple[Text | WordSpec, ...] = ()
    """Each of them occurs; of `{words: [...]}` one."""
    none: tuple[Text | WordSpec, ...] = ()
    """None of them occurs."""
    near: tuple[NearSpec, ...] = ()
    """At least one of the pairs stands close together."""
    query: Annotated[str, Field(min_length=1)] | None = None
    """title:储能 AND ("补贴" OR 政策 NEAR/20 资金) NOT 招聘."""
    regex: tuple[str | RegexSpec, ...] = ()
    """At least one of the patterns (RE2) is found."""
    fields: FieldNames = ("title", "body", "attachment")
    """Where words are looked for, unless they name their own."""
    not_inside: tuple[Text, ...] = ()
    """Longer words; a word of this rule inside one of them does not count."""
    min_score: Weight | None = None
    """The least sum of weights of what is found."""
    boost: dict[Literal["title", "first"], Annotated[Decimal, Field(ge=1, le=100)]] = Field(default_factory=dict)
    """Factor on the weight of what is found in the title or the first paragraph."""


class CaseSpec(Spec):
    """An article of a case."""

    title: str = ""
    text: str = ""
    source: str | None = None
    region: str | None = None
    attachment: str | None = None


class CasesSpec(Spec):
    """Texts that the rule must hold for, and texts that it must not."""

    hits: tuple[Text | CaseSpec, ...] = ()
    misses: tuple[Text | CaseSpec, ...] = ()


class TitleSpec(Spec):
    """The rule's name in both languages."""

    zh: Text
    en: Text


class WhenSpec(Spec):
    """Conditions on the article itself."""

    regions: tuple[Text, ...] = ()
    sources: tuple[Text, ...] = ()


class RuleSpec(Spec):
    """One rule."""

    id: RuleId
    title: TitleSpec | Text | None = None
    status: Status = Status.DRAFT
    why: str = ""
    level: Literal["low", "medium", "high"] = "medium"
    tags: tuple[Text, ...] = ()
    """Nodes of the taxonomy, or topics of your own: topic/…"""
    owner: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^/]+$")] | None = None
    """Whose quick rule it is: live at once for the subscriptions of that owner; by default for those without one."""
    author: Text | None = None
    references: tuple[Text, ...] = ()
    when: WhenSpec = Field(default_factory=WhenSpec)
    match: MatchSpec | None = None
    quick: Text | None = None
    """One line instead of `match`: 储能 +补贴 !招聘."""
    cases: CasesSpec = Field(default_factory=CasesSpec)
    override: bool = False
    """Replaces the shipped rule of the same id."""


class FileSpec(Spec):
    """A file of rules."""

    version: Literal[1] = 1
    rules: tuple[RuleSpec, ...] = ()
    disabled: tuple[RuleId, ...] = ()
    """Ids of shipped rules that are switched off."""


class Outline(Spec):
    """A file of rules whose rules are still to be judged, each on its own."""

    version: Literal[1] = 1
    rules: tuple[Any, ...] = ()
    disabled: tuple[RuleId, ...] = ()


class MaskSpec(Spec):
    """A word, and the longer words inside which it never counts."""

    word: Text
    inside: Texts


class MasksFile(Spec):
    """masks.yaml: holds for all rules."""

    version: Literal[1] = 1
    masks: tuple[MaskSpec, ...] = ()


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], document: Document, at: Path = ()) -> Model:
    """The document, or the value at a path of it, as a model.

    Raises Problems: each fault with `file:line:column` and cure.
    """
    value = document.value
    for key in at:
        value = value[key]
    try:
        return model.model_validate({} if value is None and not at else value)
    except ValidationError as error:
        raise Problems(_problems(error, document, at)) from error


def _problems(error: ValidationError, document: Document, at: Path) -> list[Problem]:
    problems: dict[str, Problem] = {}
    for item in error.errors(include_url=False):
        path = _path((*at, *item["loc"]), document.value)
        name = ".".join(str(key) for key in path) or "the file"
        message = item["msg"].removeprefix("Value error, ")
        problems.setdefault(document.at(path), Problem(f"{name}: {message}", place=document.at(path), cure=_cure(item)))
    return list(problems.values())


def _path(location: tuple[Any, ...], value: Any) -> tuple[str | int, ...]:
    """The keys of pydantic's location that exist in the document: names of union members are dropped."""
    path: list[str | int] = []
    for key in location:
        if (isinstance(value, dict) and key in value) or (
            isinstance(value, list) and isinstance(key, int) and key < len(value)
        ):
            path.append(key)
            value = value[key]
    return tuple(path)


def _cure(item: Any) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return f"no such key {item['loc'][-1]!r}: remove it or correct its spelling"
    if kind == "missing":
        return f"add {item['loc'][-1]}:"
    if "expected" in context:
        return f"one of {context['expected']}"
    if "pattern" in context and re.match(r"\^\[0-9a-z\]", context["pattern"]):
        return "small letters, digits, dot, hyphen; 100 at most"
    if kind in {"string_type", "string_too_short", "string_too_long"}:
        return "write a word of 1 to 200 characters, in quotes if it looks like true or null"
    return "see docs/reference/rules.md"
