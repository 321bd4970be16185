"""What an editor types as the right value, time, metric or place of a fact, checked before anything is decided."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import get_args

from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.models import canonical_decimal
from chainwatch.models.finding import Metric
from chainwatch.models.ledger import Fact
from chainwatch.problem import Problem
from consumers.ledger.key import region_key

SCALES = {
    "万亿": 10**12,
    "千亿": 10**11,
    "百亿": 10**10,
    "十亿": 10**9,
    "亿": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "万": 10**4,
}
_AMOUNT = re.compile(rf"([+-]?[\d,]*\.?\d+)\s*({'|'.join(SCALES)})?\s*(\D*)")
_PERIOD = re.compile(r"(\d{4})(?:[-/年](\d{1,2})(?:[-/月](\d{1,2}))?)?(?:年底|年末|[年月日])?")


def value_text(value: str, fact: Fact) -> str:
    """The canonical text of a number or a range low~high; 1.2万亿, 3,000亿元 and 27% are understood. Raises Problem."""
    return "~".join(canonical_decimal(_amount(part, value, fact)) for part in value.split("~"))


def _amount(part: str, value: str, fact: Fact) -> Decimal:
    found = _AMOUNT.fullmatch(part.strip())
    if found is None:
        raise Problem("no number", place=f"--value {value}", cure="write 1.2万亿, or 1200000000000")
    if found[3] and found[3] != fact.unit:
        raise Problem(
            f"the fact is counted in {fact.unit}, not in {found[3]}",
            place=f"--value {value}",
            cure="leave the unit out",
        )
    try:
        return Decimal(found[1].replace(",", "")) * SCALES.get(found[2] or "", 1)
    except InvalidOperation as error:
        raise Problem("no number", place=f"--value {value}", cure="write 1.2万亿, or 1200000000000") from error


def period_text(year: str) -> str:
    """2027, 2027-06 or 2027-06-30; 2027年6月 is understood. Raises Problem."""
    found = _PERIOD.fullmatch(year.strip())
    if found is not None:
        parts = [int(part) for part in found.groups() if part]
        try:
            date(*parts, *[1] * (3 - len(parts)))
        except ValueError:
            found = None
    if found is None:
        raise Problem("no year, month or day", place=f"--year {year}", cure="write 2027, 2027-06 or 2027-06-30")
    return "-".join([f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])])


def known_metric(metric: str) -> str:
    """The metric, if it is one. Raises Problem."""
    known = get_args(Metric)
    if metric not in known:
        raise Problem("no such metric", place=f"--metric {metric}", cure=f"one of {'、'.join(known)}")
    return metric


def known_place(region: str, taxonomy: Taxonomy) -> str:
    """The place by the name it has here, 杭州 for 杭州市. Raises Problem."""
    name = region_key(region)
    if name and name not in taxonomy.regions:
        near = get_close_matches(name, taxonomy.regions, 3, 0.4)
        like = f"; like it: {', '.join(near)}" if near else ""
        raise Problem("no such place", place=f"--region {region}", cure=f"write 浙江, 杭州 or 杭州/滨江{like}")
    return name
