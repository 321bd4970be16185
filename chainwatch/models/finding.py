"""Finding: one statement in one article. The fields are defined in docs/reference/findings.md."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from chainwatch.models.wire import Number, Span, Wire, digest

Deadline = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""ISO year, month or day."""

Metric = Literal[
    "产值", "增加值", "规模", "营收", "利润", "税收", "投资", "出口", "销售额", "数量", "占比",
    "增速", "产量", "产能", "装机", "消费量", "能耗", "排放", "算力", "研发强度", "贡献率",
    "生产率", "人口", "就业", "收入", "价格", "面积", "长度", "时间", "金额", "其他",
]  # fmt: skip


class Comparator(StrEnum):
    """How the number bounds the thing; with several words the number's own wins."""

    GT = "gt"
    GE = "ge"
    EQ = "eq"
    APPROX = "approx"
    LE = "le"
    LT = "lt"


class PolicyStatus(StrEnum):
    """The life of a policy as one article tells it. Order of the first six is the order of life."""

    PLANNED = "planned"
    DRAFT = "draft"
    ISSUED = "issued"
    IN_FORCE = "in_force"
    AMENDED = "amended"
    REPEALED = "repealed"
    INTERPRETED = "interpreted"
    MENTIONED = "mentioned"


class Statement(Wire):
    """What all findings share: where it is said and which pattern read it."""

    version: Literal[1] = 1
    part: str = "text"
    """title, text or attachment:<digest>; all spans are into this part."""
    quote: str
    """The value, title or role as written; equals the part's text at the value or title span."""
    sentence: str
    """The evidence sentence, as written."""
    sentence_span: Span
    region: str | None = None
    """浙江, 杭州, 杭州/滨江, 全国."""
    issuer: str | None = None
    """Issuing authority as written, or whose aim it is where the text says."""
    pattern: str
    """Stable name and version of the pattern that found it: target.until/1."""
    confidence: Number
    """Between 0 and 1, calibrated: of findings with 0.9, nine in ten are right."""


class Measure(Statement):
    """A number about the world: an aim for the future, a result, or a promise of means."""

    kind: Literal["target", "actual", "commitment"]
    subject: str
    subject_span: Span | None = None
    """None where the subject is inherited from another part."""
    node: str | None = None
    """Taxonomy node the subject resolves to."""
    metric: Metric
    metric_text: str = ""
    comparator: Comparator
    base: str | None = None
    """What a growth rate grows or a share is a share of."""
    scope: Literal["核心", "总体"] | None = None
    flow: Literal["new", "total"] | None = None
    value: Number
    """In the base unit: 1.2万亿元 is 1200000000000."""
    value_high: Number | None = None
    unit: str
    level: bool = False
    """A bare 千亿级 or 万亿级."""
    deadline: Deadline | None = None
    as_of: Deadline | None = None
    per_year: bool = False
    baseline: Deadline | None = None
    recap: bool = False
    """The sentence says the aim is an older one (此前, 早在, 去年提出)."""
    payer: str | None = None
    beneficiary: str | None = None
    cap_per_item: bool = False
    value_span: Span


class PolicyFinding(Statement):
    """A named document or programme of a public authority."""

    kind: Literal["policy"] = "policy"
    title: str
    title_span: Span
    short_title: str | None = None
    """The abbreviation introduced by 以下简称."""
    programme: bool = False
    """Named without 《》."""
    doc_number: str | None = None
    """文号, normalised: 杭政办函〔2022〕39号."""
    status: PolicyStatus
    date: Deadline | None = None
    """Date of that status, where stated."""
    itself: bool = False
    """The article is the document itself."""


class RoleFinding(Statement):
    """Who is named for a chain: chain chief (链长), task force (专班) or leader firm (链主)."""

    kind: Literal["role"] = "role"
    role: Literal["chain_chief", "task_force", "leader_firm"]
    holder: str
    """Person, office or firm as written."""
    holder_span: Span
    subject: str
    """The chain or ecosystem as written."""
    subject_span: Span | None = None
    node: str | None = None


Finding = Annotated[Measure | PolicyFinding | RoleFinding, Field(discriminator="kind")]
FINDING: TypeAdapter[Measure | PolicyFinding | RoleFinding] = TypeAdapter(Finding)


def finding_id(article: str, revision: str, finding: Measure | PolicyFinding | RoleFinding) -> str:
    """Stable id of a finding in one revision (content digest) of an article; 32 hex digits."""
    return finding_id_of(article, revision, finding.to_json())


def finding_id_of(article: str, revision: str, body: bytes) -> str:
    """The same of a finding that is JSON already."""
    return digest(article, revision, body)[:32]
