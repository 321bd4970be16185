"""Grammar of `query`: `title:储能 AND ("补贴" OR 政策 NEAR/20 资金) NOT 招聘`, also with 与/或/非 and full-width signs.

Words side by side mean AND. NEAR binds tighter than NOT, NOT than AND, AND than OR. Positions in errors count
characters of the query as written.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import cast

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from chainwatch.matching.expression import (
    PARAGRAPH,
    SENTENCE,
    All,
    Any_,
    Expression,
    Near,
    Not,
    Pattern,
    Word,
)
from chainwatch.matching.folding import fold
from chainwatch.problem import Problem

LONGEST = 4_000
"""Characters a query may have."""
DEEPEST = 40
"""Brackets a query may nest."""
FARTHEST = 1_000
"""Characters NEAR may span."""

_GRAMMAR = r"""
start: _or
_or: disjunction
disjunction: conjunction (OR conjunction)*
conjunction: _unary (AND? _unary)*
_unary: negation | near
negation: NOT _unary
near: _atom (NEAR _atom)*
_atom: group | scoped | word
group: "(" disjunction ")" WEIGHT?
scoped: FIELD _atom
word: (PHRASE | WORD) WEIGHT?

OR.2: /OR(?=[\s("]|$)|或(?=[\s("]|$)|\|\|?/
AND.2: /AND(?=[\s("]|$)|与(?=[\s("]|$)|且(?=[\s("]|$)|&&?/
NOT.2: /NOT(?=[\s("]|$)|非(?=[\s("]|$)|!/
NEAR.2: /NEAR\/(\d{1,4}|s|p|句|段)(?=[\s("]|$)/
FIELD.2: /(title|body|first|source|attachment|标题|正文|首段|来源|附件):\s*/i
WEIGHT.2: /\^\d{1,3}(\.\d{1,3})?/
PHRASE: /"[^"]+"/
WORD: /[^\s()":|&!^]+/
%ignore /\s+/
"""
_FIELDS = {"标题": "title", "正文": "body", "首段": "first", "来源": "source", "附件": "attachment"}
_SIGNS = str.maketrans("（）：“”＂｜！＆＾　", '():"""|!&^ ')
_NAMES = {
    "OR": "OR",
    "AND": "AND",
    "NOT": "NOT",
    "NEAR": "NEAR/n",
    "FIELD": "title:",
    "PHRASE": '"words"',
    "WORD": "a word",
    "WEIGHT": "^weight",
    "LPAR": "(",
    "RPAR": ")",
    "$END": "the end",
}
_CURES = {
    '"': 'close the quotation, and write words in it: "words"',
    ":": 'fields are title, body, first, source, attachment; put quotes round a word with a colon: "a:b"',
}


def parse_query(query: str, fields: tuple[str, ...], place: str) -> Expression:
    """The expression of a query; words without a field of their own look at `fields`. Raises Problem."""
    text = query.translate(_SIGNS)
    _check_size(text, place)
    try:
        found = cast("Expression", _parser().parse(text))
    except VisitError as error:
        raise (error.orig_exc if isinstance(error.orig_exc, Problem) else error) from error
    except UnexpectedInput as error:
        raise _problem(error, text, place) from error
    except Problem as problem:
        raise Problem(problem.what, place=place, cure=problem.cure) from problem
    return _with_fields(found, fields)


def _check_size(text: str, place: str) -> None:
    if len(text) > LONGEST:
        raise Problem(f"a query of {len(text):,} characters; {LONGEST:,} are allowed", place=place, cure="split it")
    depth = 0
    for position, character in enumerate(text, 1):
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            what = f"brackets nested deeper than {DEEPEST} at character {position} of the query"
            raise Problem(what, place=place, cure="write it flatter")


def _problem(error: UnexpectedInput, text: str, place: str) -> Problem:
    position, seen, names = len(text), "", set[str]()
    if isinstance(error, UnexpectedCharacters):
        position, names = cast("int", error.pos_in_stream), error.allowed or set()
        seen = text[position]
    elif isinstance(error, UnexpectedToken):
        names = error.expected
        if error.token.type != "$END":
            position, seen = cast("int", error.pos_in_stream), str(error.token)
    what = f"query: unexpected {repr(seen) if seen else 'end'} at character {position + 1}"
    if seen in _CURES:
        return Problem(what, place=place, cure=_CURES[seen])
    expected = ", ".join(sorted(_NAMES.get(name, name) for name in names))
    return Problem(what, place=place, cure=f"expected here: {expected}")


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Build())


@v_args(inline=True)
class _Build(Transformer[Token, Expression]):
    """Makes the expression while parsing. A word without a field has `fields=()` until the whole is known."""

    def start(self, whole: Expression) -> Expression:
        return whole

    def disjunction(self, *items: Expression | Token) -> Expression:
        return _one_or(Any_, _operands(items))

    def conjunction(self, *items: Expression | Token) -> Expression:
        return _one_or(All, _operands(items))

    def negation(self, _sign: Token, part: Expression) -> Expression:
        return part.part if isinstance(part, Not) else Not(part)

    def near(self, first: Expression, *rest: Expression | Token) -> Expression:
        links = []
        for sign, right in zip(rest[::2], rest[1::2], strict=True):
            links.append(Near(_side(first), _side(cast("Expression", right)), _within(str(sign))))
            first = cast("Expression", right)
        return _one_or(All, links) if links else first

    def group(self, inner: Expression, weight: Token | None = None) -> Expression:
        return inner if weight is None else _weighed(inner, Decimal(weight[1:]))

    def scoped(self, field: Token, inner: Expression) -> Expression:
        name = str(field).rstrip().removesuffix(":").lower()
        return _with_fields(inner, (_FIELDS.get(name, name),))

    def word(self, text: Token, weight: Token | None = None) -> Expression:
        literal = fold(text[1:-1].strip() if text.type == "PHRASE" else str(text))
        if not literal:
            raise Problem("query: a quotation without words", cure="write a word, or remove it")
        return Word(literal, fields=(), weight=Decimal(weight[1:]) if weight else Decimal(1))


def _operands(items: Sequence[Expression | Token]) -> list[Expression]:
    return [item for item in items if not isinstance(item, Token)]


def _one_or(kind: type[All | Any_], parts: Sequence[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _side(operand: Expression) -> tuple[Word, ...]:
    parts = operand.parts if isinstance(operand, Any_) else (operand,)
    if not all(isinstance(part, Word) for part in parts):
        raise Problem("query: NEAR stands between words or (a OR b)", cure="write (a OR b) NEAR/20 c")
    return cast("tuple[Word, ...]", tuple(parts))


def _within(sign: str) -> int:
    distance = sign.removeprefix("NEAR/")
    if distance in {"s", "句"}:
        return SENTENCE
    if distance in {"p", "段"}:
        return PARAGRAPH
    if int(distance) > FARTHEST:
        raise Problem(f"query: {sign} is farther than {FARTHEST}", cure="use NEAR/p for the same paragraph")
    return int(distance)


def _weighed(expression: Expression, weight: Decimal) -> Expression:
    match expression:
        case Word() | Near() | Pattern():
            return replace(expression, weight=weight)
        case All(parts=parts) | Any_(parts=parts):
            return replace(expression, parts=tuple(_weighed(part, weight) for part in parts))
        case Not():
            return expression


def _with_fields(expression: Expression, fields: tuple[str, ...]) -> Expression:
    """The expression with `fields` given to every word that has none yet."""
    match expression:
        case Word():
            return expression if expression.fields else replace(expression, fields=fields)
        case Near(left=left, right=right):
            sides = (tuple(cast("Word", _with_fields(word, fields)) for word in side) for side in (left, right))
            return replace(expression, left=next(sides), right=next(sides))
        case All(parts=parts) | Any_(parts=parts):
            return replace(expression, parts=tuple(_with_fields(part, fields) for part in parts))
        case Not(part=part):
            return Not(_with_fields(part, fields))
        case Pattern():
            return expression
