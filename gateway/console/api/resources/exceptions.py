"""A reasoned exception from a held mail: its rule, for this domain or this sender, until a day; as
its page adds one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from gateway.console import exceptions, rulings
from gateway.console.access import Act
from gateway.console.api import held as told
from gateway.console.api import problem
from gateway.console.api.problem import Problem
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import OneOf, Reason, Shape
from gateway.console.exceptions import LONGEST_DAYS, MAX_OWNER, Scope, invalid
from gateway.decide.places import domain_of
from gateway.decide.question import PARIS
from gateway.errors import Misconfigured
from gateway.store.held import Held


class NewException(Shape):
    """scope: for this sender, for one of the recipients' domains, or for both at once. owner: who
    answers for it. until: its last day, within a year."""

    scope: Annotated[str, OneOf("sender", "domain", "both")]
    domain: str = Field(default="", max_length=253)
    owner: str = Field(min_length=1, max_length=MAX_OWNER, pattern=r"\S")
    until: date
    reason: Reason


class ExceptionAdded(Shape):
    """written: false where the console may write no rules: then `text` is for whoever keeps
    them."""

    id: str
    written: bool
    text: str


async def add(call: Call, body: NewException) -> ExceptionAdded:
    """Except this sender or this domain from the rule that held it. Nobody excepts himself."""
    held, desk = await call.held(), call.desk
    if not rulings.allowed(call.visit, held):
        raise Problem(problem.NOT_YOURS)
    today = datetime.fromtimestamp(desk.clock(), PARIS).date()
    if not today < body.until <= today + timedelta(days=LONGEST_DAYS):
        raise problem.wrong("body/until", call.say("Donnez une date de fin, d'ici un an au plus."))
    scope = _scope(call, held, body)
    refusal = desk.exceptions.refusal(scope)
    if refusal:
        raise problem.wrong("body/scope", call.say(refusal))
    title = told.title(call, held.rule)
    try:
        draft = desk.exceptions.draft(
            held.rule, title, held.id, scope, body.owner.strip(), body.until
        )
    except Misconfigured as refused:
        raise Problem(problem.INVALID, invalid(refused)) from None
    done = await exceptions.enact(
        desk.exceptions, desk.holds, held, draft, call.who.name, body.reason.strip(), body.until
    )
    return ExceptionAdded(id=draft.id, written=done, text=draft.text)


def _scope(call: Call, held: Held, body: NewException) -> Scope:
    """Of this mail's own addresses: no other can be excepted by it."""
    sender = held.dossier(call.desk.keys).envelope.sender if body.scope != "domain" else ""
    domains = {domain_of(f"@{copy.domain}") for copy in held.copies if copy.domain}
    domain = body.domain if body.scope != "sender" else ""
    if domain not in domains | {""} or (body.scope == "both" and not (sender and domain)):
        raise problem.wrong("body/domain", call.say("Cette valeur n'est pas de la liste."))
    return Scope(sender, domain)


_NOT = (problem.NOT_YOURS, problem.SEALED)
ROUTES = (Route("POST", "/v1/holds/{id}/exceptions", Act.RULE, add, problems=_NOT, status=201),)
