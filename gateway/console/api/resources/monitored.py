"""What rules in monitor mode let out, for an officer to say whether they were right, as the page "à
qualifier" does it. The mails have left; who wrote to whom and masked findings stay thirty days."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gateway.console.access import Act
from gateway.console.api import held as told
from gateway.console.api.held import Found
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import Shape, moment
from gateway.store.monitored import PAGE, Case
from gateway.store.vault import CannotOpen

_LAST = 2**53  # an integer that every JSON reader keeps
_MOST_AT_ONCE = 500
_Number = Annotated[int, Field(ge=1, le=_LAST)]


class AskedCases(Shape):
    """rule: of this one alone. before: the number of the last one had."""

    rule: str = Field(default="", max_length=200)
    before: _Number | None = None


class LetOutCase(Shape):
    """mail: its code, as in the log. sender and recipients: empty where no key here opens it."""

    number: int
    at: datetime
    mail: str
    rule: str
    title: str
    sender_domain: str
    sender: str
    recipients: tuple[str, ...]
    findings: tuple[Found, ...]


class JudgedRule(Shape):
    """waiting: to be judged."""

    rule: str
    waiting: int
    right: int
    wrong: int


class LetOutCases(Shape):
    """before: to ask for the next ones with, null after the last."""

    cases: tuple[LetOutCase, ...]
    rules: tuple[JudgedRule, ...]
    before: int | None


class CaseRuling(Shape):
    """right: the rule was, and should have stopped these."""

    numbers: tuple[_Number, ...] = Field(min_length=1, max_length=_MOST_AT_ONCE)
    right: bool


class CasesRuled(Shape):
    """ruled: how many of them nobody had judged before."""

    ruled: int


async def list_(call: Call, asked: AskedCases) -> LetOutCases:
    """What rules in monitor mode let out and nobody has judged yet, newest first."""
    kept, mine = call.desk.monitored, call.who.compartments
    cases = await kept.page(asked.rule, mine, asked.before)
    judged = await kept.by_rule(mine)
    return LetOutCases(
        cases=tuple(_case(call, one) for one in cases),
        rules=tuple(
            JudgedRule(rule=rule, waiting=one.waiting, right=one.right, wrong=one.wrong)
            for rule, one in sorted(judged.items())
        ),
        before=cases[-1].id if len(cases) == PAGE else None,
    )


async def rule(call: Call, body: CaseRuling) -> CasesRuled:
    """Say whether a rule was right to mind these. Each is judged once."""
    kept, who = call.desk.monitored, call.who
    return CasesRuled(ruled=await kept.judge(body.numbers, body.right, who.name, who.compartments))


def _case(call: Call, case: Case) -> LetOutCase:
    try:
        outline = case.outline(call.desk.keys)
    except CannotOpen:
        outline = None
    return LetOutCase(
        number=case.id,
        at=moment(case.at),
        mail=case.mail,
        rule=case.rule,
        title=told.title(call, case.rule),
        sender_domain=case.sender_domain,
        sender=outline.sender if outline else "",
        recipients=outline.recipients if outline else (),
        findings=tuple(map(told.found, range(_MOST_AT_ONCE), outline.findings if outline else ())),
    )


ROUTES = (
    Route("GET", "/v1/monitored", Act.SEE, list_),
    Route("POST", "/v1/monitored/rulings", Act.RULE, rule),
)
