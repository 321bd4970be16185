"""Bytes of a page → text: evidence before declaration, and never a garbled page in silence."""

import codecs
import re
from dataclasses import dataclass

from crawlers.refusal import Reason, Refused

MAX_BAD = 0.005
"""Share of unreadable characters (U+FFFD), among those outside ASCII, above which a page is refused."""
_ENOUGH = 3
"""Fewer unreadable characters than this never refuse a page."""
_HEAD = 200_000
"""Bytes in which a charset declaration is looked for; real pages carry it past byte 1,024."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,30})""", re.IGNORECASE
)
_WIDER = {
    **dict.fromkeys(
        ("gb2312", "gb_2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "936", "euc-cn", "gb18030"), "gb18030"
    ),
    **dict.fromkeys(("big5", "big5-hkscs", "x-big5", "cp950"), "big5hkscs"),
    **dict.fromkeys(("utf8", "utf-8", "unicode"), "utf-8"),
    "hz-gb-2312": "hz",
}
"""Declared name → the codec that reads it and every character its users meant: gb2312 would lose 〇, 镕, — and ·."""

_COMMON = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后"
    "小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"
    "知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最"
    "间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市"
    "眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计"
    "或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让"
    "认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办"
    "运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持"
    "取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞"
    "观争究包组造落视济喜离虽坏兴告企业项浙杭州省县规划投融這來說們為個國時會對發過還經現將實問機給電動長"
    "開關業產東車無與樣學後從點員場華報應體區當變聯題術論義結樂風書進運達數灣總統廣義讓議認語門間聞網頁兩"
    "邊"
)
"""Frequent characters of simplified and traditional Chinese; a wrong decoding hits few of them."""
_CURE = "the bytes stay in quarantine: the page is damaged or its encoding unknown"
_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec that gave it, and what decided: bom, bytes, header, meta or trial."""

    text: str
    encoding: str
    by: str


def decode(data: bytes, header_charset: str | None = None, *, place: str | None = None) -> Decoded:
    """Decode a page's bytes.

    A byte-order mark wins, then valid UTF-8 (other encodings hardly ever form it), then the header's and the page's own
    declaration and trial of GB18030 and Big5, whichever gives the most common characters.

    Raises:
        Refused: reason `encoding`, where no decoding leaves less than 0.5 % unreadable.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _checked(Decoded(data[len(bom) :].decode(name, "replace"), name, "bom"), place)
    wide = _utf16(data)
    if wide:
        return _checked(Decoded(data.decode(wide, "replace"), wide, "bytes"), place)
    if (text := _strict(data, "utf-8")) is not None:
        return _checked(Decoded(text, "utf-8", "bytes"), place)
    candidates = _candidates(data, header_charset)
    read = [Decoded(text, name, by) for name, by in candidates if (text := _strict(data, name)) is not None]
    if read:
        best = max(read, key=lambda one: (round(_common(one.text), 1), -read.index(one)))
        if _common(best.text) >= 0.2 or not _CHINESE.search(best.text):
            return _checked(best, place)
    loose = [Decoded(data.decode(name, "replace"), name, by) for name, by in [("utf-8", "trial"), *candidates]]
    return _checked(min(loose, key=lambda one: _bad(one.text)), place)


def _candidates(data: bytes, header_charset: str | None) -> list[tuple[str, str]]:
    """(codec, what names it), declared ones first, each codec once."""
    declared = _DECLARED.search(data[:_HEAD])
    named = [
        (_codec(header_charset), "header"),
        (_codec(declared[1].decode("ascii", "replace") if declared else None), "meta"),
        ("gb18030", "trial"),
        ("big5hkscs", "trial"),
    ]
    found: dict[str, str] = {}
    for name, by in named:
        if name and name != "utf-8":
            found.setdefault(name, by)
    return list(found.items())


def _codec(name: str | None) -> str | None:
    """The codec for a declared charset; None for unknown names and for those that read any bytes, like latin-1."""
    label = (name or "").strip().strip("\"'").lower()
    label = _WIDER.get(label, label)
    try:
        known = codecs.lookup(label).name
    except LookupError:
        return None
    text_codec = not known.startswith(
        ("iso8859", "cp125", "ascii", "latin", "charmap", "utf-16", "utf-32", "utf-7", "koi8", "mac")
    )
    return known if text_codec and codecs.lookup(label)._is_text_encoding else None  # noqa: SLF001  the only way to tell zip from gbk


def _strict(data: bytes, name: str) -> str | None:
    """The text, if every byte but a character cut off at the end fits."""
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(data, final=False)
    except UnicodeDecodeError:
        return None


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: markup has a zero in every second byte."""
    sample = data[:200]
    if len(sample) < 40 or sample.count(0) < 0.3 * len(sample):
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) > 0.1 * max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _common(text: str) -> float:
    """Share of frequent characters among the Chinese ones of the text's first part."""
    chinese = _CHINESE.findall(text[:400_000])[:4000]
    return sum(character in _COMMON for character in chinese) / len(chinese) if chinese else 0.0


def _bad(text: str) -> float:
    """Share of unreadable characters among those outside ASCII."""
    bad = text.count("\ufffd")
    if bad < _ENOUGH:
        return 0.0
    return bad / max(sum(not character.isascii() for character in text), 1)


def _checked(decoded: Decoded, place: str | None) -> Decoded:
    bad = _bad(decoded.text)
    if bad > MAX_BAD:
        raise Refused(
            Reason.ENCODING,
            f"{bad:.1%} of the characters outside ASCII cannot be read as {decoded.encoding}",
            place=place,
            cure=_CURE,
        )
    if _twice(decoded.text):
        raise Refused(
            Reason.ENCODING, "its UTF-8 bytes were taken for Latin-1 and encoded again", place=place, cure=_CURE
        )
    return decoded


def _twice(text: str) -> bool:
    """Whether the text outside ASCII is UTF-8 read as Latin-1 and saved again."""
    western = re.findall("[\u0080-\u00ff\u0152-\u0178\u2013-\u2122]{3,}", text[:400_000])
    if sum(map(len, western)) < 60 or len(_CHINESE.findall(text[:400_000])) > 20:
        return False
    read = sum(bool(_CHINESE.search(run.encode("latin-1", "ignore").decode("utf-8", "ignore"))) for run in western)
    return read > 0.3 * len(western)
