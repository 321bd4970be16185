"""Where the body of a page without a template stands: three independent readings, and the one the others confirm.

Marked containers (names in common use), the weight of sentences below each element, and readability-lxml. On short
articles each of them errs on other pages; two seldom err alike.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from logging import getLogger

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.templates.body import drop_link_lists, prune, text_of
from crawlers.templates.furniture import strip_furniture
from crawlers.templates.lines import inline
from crawlers.templates.page import Page
from crawlers.templates.titles import repeats, squeeze

_MARKED = (
    "[itemprop='articleBody']",
    "#artibody",
    "#endText",
    "#js_content",
    "#UCAP-CONTENT",
    "#zoom",
    "#con_con",
    ".TRS_Editor",
    ".TRS_UEDITOR",
    "founder-content",
    "#ArticleContent",
    "#articleContent",
    "#article_content",
    "#articlecontent",
    "#article-content",
    "#artical_real",
    "#rwb_zw",
    "#p-detail",
    "#news_content",
    "#newsContent",
    "#content_area",
    "#contentText",
    "#ContentBody",
    "#mp-editor",
    "#Cnt-Main-Article-QQ",
    "#main-content",
    "#main_content",
    "#text_content",
    "#detailContent",
    ".article-content",
    ".article_content",
    ".articleContent",
    ".article-body",
    ".article_body",
    ".articleBody",
    ".artical-content",
    ".post_body",
    ".post-body",
    ".post_text",
    ".post-content",
    ".post_content",
    ".entry-content",
    ".news_txt",
    ".news-content",
    ".news_content",
    ".newsContent",
    ".rich_media_content",
    ".rm_txt_con",
    ".left_zw",
    ".content_area",
    ".detail-content",
    ".detail_content",
    ".article-detail",
    ".article-text",
    ".article-main",
    ".main-text",
    ".con_txt",
    ".text_con",
    ".story-body",
    ".content-article",
    ".article__content",
    ".article-txt",
    ".m-article-content",
    ".u-mainText",
    ".show_text",
    ".pages_content",
    ".blogpost-body",
    ".markdown-body",
    "article",
)
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:nav|menu|foot|footer|copyright|copy|comments?|pinglun|recommend|recommends|"
    r"related|relate|hot|rank|ranking|side|sidebar|aside|share|toolbar|login|dialog|popup|modal|"
    r"breadcrumbs?|crumbs?|ads?|advert|banner|download|qrcode|ewm|search|tags?|pagination|pager|"
    r"header|topbar|top-bar|statement|disclaimer|guess|more|mianze|declare|user-card|author-card|"
    r"subscribe)(?:$|[\s_\d-])",
    re.IGNORECASE,
)
_UNREAD = frozenset({"nav", "footer", "aside", "form", "button", "script", "style", "noscript", "textarea", "select"})
_STOPS = re.compile(r"[。；！？，、：!?;]|,\s")
_LONG_PAGE = 3_000_000
"""Longer pages are read one way only, in bounded time."""
_LONG_PIECE = 100_000
"""Characters of one piece of text that are weighed."""
_COMPARED = 20_000
"""Characters of two bodies that are compared."""
_GAP = 80
"""Characters of furniture that end a run of sentences."""
_LATER = 0.4
"""What the next run weighs."""
_BEFORE_TITLE = 0.2
"""What sentences above the title weigh."""
_MOST = 0.7
"""Part of its parent's weight that a child must hold to be stepped into."""
_PARAGRAPHS = frozenset({"p", "span", "font", "strong", "b", "h1", "h2", "h3", "a"})
_FURNITURE = (
    "nav",
    "footer",
    "aside",
    "form",
    "[class*='share' i]",
    "[class*='comment' i]",
    "[class*='recommend' i]",
    "[class*='related' i]",
    "[class*='copyright' i]",
    "[class*='qrcode' i]",
    "[class*='erweima' i]",
    "[class*='ewm' i]",
    "[id*='share' i]",
    "[id*='comment' i]",
    "[class*='pagination' i]",
    "[class*='breadcrumb' i]",
    "[class*='crumb' i]",
    "[class*='advert' i]",
    "[class*='hot-' i]",
    "[class*='toolbar' i]",
    "[class*='statement' i]",
    "[class*='declare' i]",
    "[class*='disclaimer' i]",
    "[style*='display:none' i]",
    "[style*='display: none' i]",
    "[hidden]",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A body: its text, the texts of the links left in it, which reading gave it, and its element, where known."""

    text: str
    links: list[str]
    by: str
    node: LexborNode | None = None


def find_body(page: Page, title: str) -> Found | None:
    """The body that most readings agree on; None where there is no sentence on the page."""
    root = page.tree.body
    if root is None:
        return None
    weights = _weights(root, squeeze(title))
    if len(page.html) > _LONG_PAGE:
        return _weighed(root, weights)
    marked = _marked(page, weights)
    weighed = _weighed(root, weights)
    if marked and weighed and _alike(marked.text, weighed.text) >= 0.9:
        return _tighter(marked, weighed)
    readable = _readable(page)
    candidates = [found for found in (marked, weighed, readable) if found is not None and found.text]
    agreed = {
        id(one): max((_alike(one.text, other.text) for other in candidates if other is not one), default=0)
        for one in candidates
    }
    if marked and weighed and max(agreed[id(marked)], agreed[id(weighed)]) < 0.6 and _holds(marked, weighed, weights):
        return marked
    if len(candidates) == 2:
        return _core(*candidates)
    return max(candidates, key=lambda one: agreed[id(one)], default=None)


def _holds(marked: Found, weighed: Found, weights: dict[int, float]) -> bool:
    """Whether the marked body has half of the weight of the weighed one."""
    inner, outer = marked.node, weighed.node
    return inner is not None and outer is not None and weights[inner.mem_id] >= 0.5 * weights[outer.mem_id]


def _core(one: Found, other: Found) -> Found:
    """Of two bodies: where one holds the other, the inner one if what it leaves out is furniture; else the first."""
    inner, outer = sorted((one, other), key=lambda found: len(found.text))
    within = set(outer.text.split("\n"))
    lines = inner.text.split("\n")
    if sum(len(line) for line in lines if line in within) < 0.7 * len(inner.text):
        return one
    rest = [line for line in outer.text.split("\n") if line not in set(lines)]
    sentences = sum(len(line) for line in rest if len(line) >= 15 and _STOPS.search(line))
    return inner if sentences < 0.6 * sum(map(len, rest)) else outer


def _tighter(one: Found, other: Found) -> Found:
    """Of two bodies nearly alike the shorter, unless the longer has a sentence more."""
    short, long = sorted((one, other), key=lambda found: len(found.text))
    known = set(short.text.split("\n"))
    more = [
        line
        for line in long.text.split("\n")
        if line not in known and len(line) >= 25 and re.search("[。！？；]", line)
    ]
    return long if more else short


def _marked(page: Page, weights: dict[int, float]) -> Found | None:
    nodes = [(node, weights.get(node.mem_id, 0)) for node in page.tree.css(", ".join(_MARKED)) if not _is_aside(node)]
    top = max((weight for _, weight in nodes), default=0)
    if top < 20:
        return None
    best = [node for node, weight in nodes if weight >= 0.85 * top][-1]
    found = Found(*clean(best), f"marked {_name(best)}", best)
    below = {node.mem_id for node in best.css("*")} - {best.mem_id}
    inner = [node for node, weight in nodes if node.mem_id in below and weight >= 0.4 * top]
    return _core(found, Found(*clean(inner[-1]), f"marked {_name(inner[-1])}", inner[-1])) if inner else found


def _weighed(root: LexborNode, weights: dict[int, float]) -> Found | None:
    """The element below <body> that holds most of the weight."""
    node = _descend(root, weights)
    return Found(*clean(node), f"weight {_name(node)}", node) if weights.get(node.mem_id, 0) >= 20 else None


def _descend(node: LexborNode, weights: dict[int, float]) -> LexborNode:
    """Step into the child that holds most of its parent's weight, as long as one does."""
    while True:
        children = [child for child in node.iter() if child.mem_id in weights]
        heaviest = max(children, key=lambda child: weights[child.mem_id], default=None)
        if heaviest is None or heaviest.tag in _PARAGRAPHS or weights[heaviest.mem_id] < _MOST * weights[node.mem_id]:
            return node
        node = heaviest


def _weights(body: LexborNode, title: str) -> dict[int, float]:
    """Element → characters of sentences in it; links and asides weigh nothing.

    The first run of sentences below the title (squeezed) weighs in full; each gap of furniture before the next run
    (related links, buttons) takes more than half of its weight, so that comments and disclaimers do not win.
    """
    weights: defaultdict[int, float] = defaultdict(float)
    skipped: set[int] = set()
    linked: set[int] = set()
    titled = bool(title) and any(
        repeats(squeeze(node.text() or ""), title) for node in body.css("h1, h2, h3, h4, p, div, span, td")[:1500]
    )
    run = _Run(factor=_BEFORE_TITLE if titled else 1.0)
    for node in body.traverse(include_text=True):
        parent = node.parent
        above = parent.mem_id if parent is not None else 0
        if above in skipped:
            skipped.add(node.mem_id)
        elif above in linked or node.tag == "a":
            linked.add(node.mem_id)
            if node.tag == "-text":
                run.gap += len(inline(node.text_content or ""))
        elif node.tag != "-text":
            if node.tag in _UNREAD or (node.tag in {"div", "ul", "section", "dl"} and _is_aside(node)):
                skipped.add(node.mem_id)
        else:
            weight = run.weigh(inline((node.text_content or "")[:_LONG_PIECE]), title)
            while parent is not None and weight:
                weights[parent.mem_id] += weight
                parent = parent.parent
    return weights


@dataclass(slots=True)
class _Run:
    """Where the walk stands: the factor of this run of sentences, and the furniture since its last one."""

    factor: float
    gap: int = 0
    begun: bool = False

    def weigh(self, text: str, title: str) -> float:
        """Weight of a text piece; a piece that repeats the title begins anew."""
        if repeats(squeeze(text), title):
            self.factor, self.gap, self.begun = 1.0, 0, False
            return 0.0
        if not (_STOPS.search(text) or len(text) >= 40):
            self.gap += len(text)
            return len(text) * 0.1 * self.factor
        if self.gap > _GAP and self.begun:
            self.factor *= _LATER
        self.gap, self.begun = 0, True
        return len(text) * self.factor


def _readable(page: Page) -> Found | None:
    from lxml.etree import LxmlError  # noqa: PLC0415  lxml is slow to import and seldom needed
    from readability import Document  # noqa: PLC0415  the same
    from readability.readability import Unparseable  # noqa: PLC0415  the same

    getLogger("readability.readability").disabled = True  # it logs a traceback for each page it cannot read
    try:
        html = Document(page.html).summary(html_partial=True)
    except (Unparseable, LxmlError, ValueError, TypeError):  # what it cannot read, the other two readings may
        return None
    tree = LexborHTMLParser(html)
    return Found(*clean(tree.body), "readability") if tree.body is not None else None


def clean(node: LexborNode) -> tuple[str, list[str]]:
    """Text of a body without asides and furniture, and the texts of its links. The node itself is left as it is."""
    copy = LexborHTMLParser(node.html or "").body
    if copy is None:
        return "", []
    whole = len(copy.text() or "")
    prune(copy)
    for aside in copy.css(", ".join(_FURNITURE)):
        if len(aside.text() or "") < 0.4 * whole:
            aside.decompose()
    drop_link_lists(copy)
    links = [text for link in copy.css("a") if (text := (link.text() or "").strip())]
    return strip_furniture(text_of(copy), related=True), links


def _is_aside(node: LexborNode) -> bool:
    attributes = node.attributes
    return bool(_ASIDE.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"))


def _name(node: LexborNode) -> str:
    attributes = node.attributes
    name = "".join(f".{word}" for word in (attributes.get("class") or "").split()[:2])
    identity = attributes.get("id")
    return f"{node.tag}{'#' + identity if identity else ''}{name}"[:80]


def _alike(one: str, other: str) -> float:
    """F1 of 4-character shingles of the first parts."""
    a, b = (
        Counter(text[i : i + 4] for i in range(max(len(text) - 3, 1)))
        for text in ("".join(one.split()), "".join(other.split()))
    )
    return 2 * (a & b).total() / ((a.total() + b.total()) or 1)
