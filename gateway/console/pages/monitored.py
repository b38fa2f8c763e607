"""What rules in monitor mode let out: an officer says of each whether the rule was right.

The mail has left and is not kept; who wrote to whom and what was found, masked, is shown for
thirty days. What is said here is the precision of a rule before anybody enforces it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.visit import Page, Visit
from gateway.store.monitored import PAGE, Case, Outline
from gateway.store.vault import CannotOpen

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """outline: None where no key here opens it."""

    case: Case
    title: str
    outline: Outline | None


async def show(visit: Visit) -> Response:
    desk, rule, before = visit.desk, visit.asked("regle"), visit.asked("avant")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    cases = await desk.monitored.page(rule, visit.who.compartments, number)
    kept = {"regle": rule} if rule else {}
    following = urlencode(kept | {"avant": cases[-1].id}) if len(cases) == PAGE else ""
    return visit.page(
        "monitored.html",
        rows=[_row(visit, one) for one in cases],
        rule=rule,
        title=visit.rule(rule) if rule else "",
        judged=await desk.monitored.by_rule(visit.who.compartments),
        following=f"?{following}" if following else "",
    )


async def judge(visit: Visit) -> Response:
    ticked = [str(one) for one in visit.form.getlist("cas")][:_MOST_AT_ONCE]
    ids = [int(one) for one in ticked if one.isascii() and one.isdigit() and len(one) < 16]
    said = visit.given("avis")
    back = "/regles/a-qualifier" + (
        f"?{urlencode({'regle': visit.given('regle')})}" if visit.given("regle") else ""
    )
    if said not in ("juste", "fausse") or not ids:
        return visit.away(back, visit.words("Choisissez au moins un cas."))
    who, mine = visit.who.name, visit.who.compartments
    done = await visit.desk.monitored.judge(ids, said == "juste", who, mine)
    told_ = visit.words.many("{count} cas qualifié.", "{count} cas qualifiés.", done)
    return visit.away(back, told_)


def _row(visit: Visit, case: Case) -> Row:
    title = visit.rule(case.rule)
    try:
        return Row(case, title, case.outline(visit.desk.keys))
    except CannotOpen:
        return Row(case, title, None)


PAGES = (
    Page("GET", "/regles/a-qualifier", Act.SEE, show),
    Page("POST", "/regles/a-qualifier", Act.RULE, judge),
)
