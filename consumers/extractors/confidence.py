"""How often findings of a kind were right on labelled articles: what a confidence of 0.9 means."""

from decimal import Decimal

from consumers.extractors.drafts import Draft
from consumers.extractors.policies import PolicyDraft
from consumers.extractors.roles import RoleDraft


def of_measure(draft: Draft) -> Decimal:
    return Decimal("0.9")


def of_policy(draft: PolicyDraft) -> Decimal:
    return Decimal("0.9")


def of_role(draft: RoleDraft) -> Decimal:
    return Decimal("0.8")
