"""Accounts: who may sign in, as what. For administrators, who see no mail."""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.access import Act, Role
from gateway.console.visit import Page, Visit
from gateway.console.ways.groups import NAME
from gateway.language import later


async def show(visit: Visit, complaint: str = "", link: str = "") -> Response:
    return visit.page(
        "accounts.html",
        422 if complaint else 200,
        accounts=await visit.desk.accounts.list(),
        roles=tuple(Role),
        complaint=visit.words(complaint) if complaint else "",
        link=link,
    )


async def add(visit: Visit) -> Response:
    name, roles = visit.given("name").lower(), _roles(visit)
    if not NAME.fullmatch(name):
        wrong = later("Un nom de compte : lettres sans accent, chiffres, points, tirets.")
        return await show(visit, wrong)
    if not roles:
        return await show(visit, later("Choisissez au moins un rôle."))
    compartments = tuple(visit.given("compartments").split())
    address = visit.given("address")
    try:
        token = await visit.desk.accounts.add(
            name, roles, compartments, address=address, who=visit.who.name
        )
    except ValueError:
        return await show(visit, later("Ce nom est déjà pris."))
    return await show(visit, link=_link(visit, token))


async def invite(visit: Visit) -> Response:
    name = visit.given("name")
    found = await visit.desk.accounts.get(name)
    if found is None:
        return await show(visit, later("Ce compte n'existe pas."))
    if found.origin:
        return await show(
            visit, later("Ce compte vient de l'annuaire : il n'a pas de mot de passe ici.")
        )
    return await show(
        visit, link=_link(visit, await visit.desk.accounts.invite(name, visit.who.name))
    )


async def disable(visit: Visit) -> Response:
    name = visit.given("name")
    if name == visit.who.name:
        return await show(visit, later("On ne ferme pas son propre compte."))
    await visit.desk.accounts.disable(name, not visit.given("open"), visit.who.name)
    return visit.away("/comptes")


def _roles(visit: Visit) -> tuple[str, ...]:
    given = {str(one) for one in visit.form.getlist("role")}
    return tuple(role for role in Role if role in given)


def _link(visit: Visit, token: str) -> str:
    return f"{visit.desk.url or str(visit.request.base_url).rstrip('/')}/bienvenue/{token}"


PAGES = (
    Page("GET", "/comptes", Act.ADMINISTER, show),
    Page("POST", "/comptes", Act.ADMINISTER, add),
    Page("POST", "/comptes/inviter", Act.ADMINISTER, invite),
    Page("POST", "/comptes/fermer", Act.ADMINISTER, disable),
)
