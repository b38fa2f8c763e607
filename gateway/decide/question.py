"""What the conditions of rules are asked: one recipient of one inspected mail.

A condition answers with its reasons, in French, for the operator; None: it does not hold. Reasons
are masked but name places, so they are never logged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.acquaintance import Correspondence
from gateway.model import Inspection, Mail

PARIS = ZoneInfo("Europe/Paris")

Reasons = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Question:
    """moment: when the mail was received, in Paris. internal, domain: of the recipient. known: of
    its sender's correspondents.

    of_mail, of_recipient: what was already answered about the mail alone, shared by all its
    recipients, and about this one.
    """

    mail: Mail
    seen: Inspection
    moment: datetime
    recipient: str
    domain: str
    internal: bool
    known: Correspondence
    of_mail: dict[str, Reasons]
    of_recipient: dict[str, Reasons]


Test = Callable[[Question], Reasons]


def once(condition: object, test: Test) -> Test:
    """For a condition on the mail alone: asked once, whatever the number of recipients and of
    rules that hold the same condition."""
    key = repr(condition)

    def ask(question: Question) -> Reasons:
        known = question.of_mail
        if key not in known:
            known[key] = test(question)
        return known[key]

    return ask


def once_for_each(condition: object, test: Test) -> Test:
    """For a condition on the recipient: most rules begin with the same."""
    key = repr(condition)

    def ask(question: Question) -> Reasons:
        known = question.of_recipient
        if key not in known:
            known[key] = test(question)
        return known[key]

    return ask
