"""How facts read: 超1万亿元, 万亿级, 智能物联 规模. For headlines and the `before` and `after` of events."""

from decimal import Decimal

from chainwatch.models import canonical_decimal
from chainwatch.models.ledger import Fact
from consumers.ledger.key import UNDATED, number

_SCALES = ((Decimal(10) ** 12, "万亿"), (Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
_BEFORE = {"gt": "超", "ge": "", "eq": "", "approx": "约", "le": "不超过", "lt": "低于"}
_AFTER = {"ge": "以上"}


def shown(value: str, unit: str, comparator: str = "eq", *, level: bool = False) -> str:
    """超1万亿元, 2500家以上, 8%~10%."""
    if level:
        return scaled(number(value)).removeprefix("1").replace("000", "千").replace("00", "百") + "级"
    amount = "~".join(scaled(Decimal(part)) for part in value.split("~"))
    return f"{_BEFORE.get(comparator, '')}{amount}{unit}{_AFTER.get(comparator, '')}"


def scaled(value: Decimal) -> str:
    """1200000000000 → 1.2万亿; whatever does not shorten stays as it is."""
    for scale, word in _SCALES:
        short = canonical_decimal(value / scale) if value else "0"
        if abs(value) >= scale and len(short) <= 7:
            return short + word
    return canonical_decimal(value)


def headline(fact: Fact) -> str:
    """智能物联 核心规模."""
    per_year = "年均" if fact.per_year else ""
    return f"{fact.subject} {per_year}{fact.scope}{'新增' if fact.flow == 'new' else ''}{fact.metric}"


def described(fact: Fact, value: str = "", comparator: str = "", *, level: bool | None = None) -> dict[str, str]:
    """A fact for `before` or `after`, by default with its current value. All keys are always there."""
    value, comparator = value or fact.value, comparator or fact.comparator
    return {
        "subject": fact.subject,
        "region": fact.region,
        "metric": fact.metric,
        "scope": fact.scope,
        "base": fact.base,
        "value": value,
        "unit": fact.unit,
        "comparator": comparator,
        "deadline" if fact.kind != "actual" else "as_of": fact.when.rstrip(UNDATED),
        "shown": shown(value, fact.unit, comparator, level=fact.level if level is None else level),
    }


def progressed(actual: Fact, percent: str) -> dict[str, str]:
    """A result for `after`, beside the aim it belongs to."""
    return {
        "actual": actual.value,
        "actual_shown": shown(actual.value, actual.unit, actual.comparator),
        "as_of": actual.when.rstrip(UNDATED),
        "progress": percent,
    }
