"""Afterwards: an officer has looked at what a sender sent urgently. Nobody looks at his own."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.console import access
from gateway.console.access import Act
from gateway.console.visit import Page, Visit


async def review(visit: Visit) -> Response:
    held = await visit.held()
    if not access.may_rule_on(visit.who, held):
        raise HTTPException(403)
    done = await visit.desk.appeals.review(held.id, visit.who.name, visit.given("mots"))
    said = visit.words("L'envoi urgent est noté comme revu.") if done else ""
    return visit.away(f"/dossiers/{held.id}", said)


PAGES = (Page("POST", "/dossiers/{id}/revu", Act.RULE, review),)
