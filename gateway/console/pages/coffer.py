"""The vault of one's own: unlock it for this session, lock it, change its passphrase, give another
account the keys that one has.

For an account with a password here the passphrase is that password, and a sign-in has unlocked it
already; others choose one. It is asked again before anything that would outlast a browser left
open. Wrong ones count as wrong sign-ins do.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from starlette.responses import Response

from gateway.console import coffer, credentials
from gateway.console.access import Act
from gateway.console.pages import account
from gateway.console.pages.sign_in import onward
from gateway.console.visit import Page, Visit
from gateway.language import later
from gateway.store.keyrings import Grant, wrap

_WRONG = later("Ce n'est pas la phrase de ce coffre.")
_NO_KEY = later("Cette clé ne vous est pas confiée : demandez-la à qui l'a.")
_NOBODY = later("Ce compte n'a pas de coffre, ou ne voit pas ces messages, ou a déjà la clé.")
_OURS = later("Votre phrase est votre mot de passe : changez-le sur la page de votre compte.")


@dataclass(frozen=True, slots=True)
class Row:
    """A compartment under lock. mine: whether its newest key is this account's. others: accounts
    that could be given it."""

    name: str
    mine: bool
    holders: tuple[Grant, ...]
    others: tuple[str, ...]


async def show(visit: Visit, complaint: str = "", status: int = 422) -> Response:
    ring = await visit.desk.coffer.keyrings.of(visit.who.name)
    assert visit.session is not None
    return visit.page(
        "coffer.html",
        status if complaint else 200,
        rows=await _rows(visit),
        made=ring is not None,
        unlocked=visit.desk.coffer.is_open(visit.session),
        ours=bool(visit.who.password),
        onward=onward(visit.given("suite") or visit.asked("suite")),
        complaint=visit.words(complaint) if complaint else "",
    )


async def unlock(visit: Visit) -> Response:
    pair = await _proven(visit)
    if pair is None:
        return await show(visit, _WRONG)
    assert visit.session is not None
    visit.desk.coffer.keep(visit.session, pair)
    await visit.desk.coffer.keyrings.unlocked(visit.who.name)
    said = visit.words("Le coffre est ouvert, pour cette session.")
    return visit.away(onward(visit.given("suite") or "/coffre"), said)


async def lock(visit: Visit) -> Response:
    assert visit.session is not None
    visit.desk.coffer.forget(visit.session.id)
    return visit.away("/coffre", visit.words("Le coffre est fermé."))


async def choose(visit: Visit) -> Response:
    """A first passphrase, another one, or with `recommencer` another pair, to which nothing is
    given yet."""
    desk, name, anew = visit.desk, visit.who.name, bool(visit.given("recommencer"))
    if visit.who.password:
        return await show(visit, _OURS)
    new = str(visit.form.get("new", ""))
    wrong = credentials.complaint(new, name)
    if not wrong and new != visit.form.get("again"):
        wrong = later("Les deux phrases ne sont pas les mêmes.")
    if wrong:
        return await show(visit, wrong)
    keyrings = desk.coffer.keyrings
    if anew or await keyrings.of(name) is None:
        if wrong := await account.complaint(visit):
            return await show(visit, wrong)
        pair = await keyrings.make(name, new, instead=anew)
    else:
        pair = await _proven(visit)
        if pair is not None:
            await keyrings.rewrap(name, await asyncio.to_thread(wrap, name, pair, new))
    if pair is None:
        return await show(visit, _WRONG)
    assert visit.session is not None
    desk.coffer.keep(visit.session, pair)
    said = visit.words("La phrase est en place, le coffre ouvert pour cette session.")
    return visit.away(onward(visit.given("suite") or "/coffre"), said)


async def give(visit: Visit) -> Response:
    """Every key of a compartment that one has, to somebody who may read there."""
    desk, to, where = visit.desk, visit.given("compte"), visit.given("compartiment")
    pair = await _proven(visit)
    if pair is None:
        return await show(visit, _WRONG)
    if not coffer.may_have(visit.who, where):
        return await show(visit, _NO_KEY)
    keys = await desk.coffer.opened(visit.who.name, pair, where)
    other = await desk.accounts.get(to)
    if not keys:
        return await show(visit, _NO_KEY)
    if other is None or not coffer.may_have(other, where):
        return await show(visit, _NOBODY)
    given = [await desk.coffer.keyrings.give(key, to, visit.who.name) for key in keys]
    if not any(given):
        return await show(visit, _NOBODY)
    return visit.away("/coffre", visit.words("La clé est confiée à {who}.", who=to))


async def take(visit: Visit) -> Response:
    """By another who has it: so somebody always does."""
    desk, whose, where = visit.desk, visit.given("compte"), visit.given("compartiment")
    pair = await _proven(visit)
    if pair is None:
        return await show(visit, _WRONG)
    mine = coffer.may_have(visit.who, where) and await desk.coffer.opened(
        visit.who.name, pair, where
    )
    if not mine or whose == visit.who.name:
        return await show(visit, _NO_KEY)
    done = await desk.coffer.keyrings.take(whose, where, visit.who.name)
    said = visit.words("La clé est reprise.") if done else ""
    return visit.away("/coffre", said)


async def _proven(visit: Visit) -> X25519PrivateKey | None:
    """One's own pair, by the passphrase of the form; a wrong one counts. A first one is made for
    whoever has a password here and came by another way."""
    desk, passphrase = visit.desk, str(visit.form.get("password", ""))
    keyrings = desk.coffer.keyrings
    async with desk.coffer.turn:
        visit.account = await desk.accounts.get(visit.who.name)
        if visit.who.locked_until > desk.clock():
            return None
        if await keyrings.of(visit.who.name) is None:
            if not visit.who.password or await account.complaint(visit):
                return None
            return await keyrings.make(visit.who.name, passphrase)
        pair = await desk.coffer.pair(visit.who.name, passphrase)
        if pair is None:
            await desk.accounts.failed(visit.who.name, "vault")
        return pair


async def _rows(visit: Visit) -> list[Row]:
    desk = visit.desk
    names = desk.coffer.compartments(visit.who)
    grants = await desk.coffer.keyrings.grants(compartments=names) if names else ()
    able = await desk.coffer.keyrings.accounts() if names else frozenset()
    known = [one for one in await desk.accounts.list() if one.name in able] if names else []
    rows = []
    for name in names:
        keys = {key.id for key in desk.coffer.keys if key.compartment == name}
        holders = tuple(one for one in grants if one.compartment == name)
        whole = {
            account.name
            for account in known
            if keys <= {one.key for one in holders if one.account == account.name}
        }
        others = tuple(
            one.name for one in known if one.name not in whole and coffer.may_have(one, name)
        )
        rows.append(Row(name, visit.who.name in whole, holders, others))
    return rows


PAGES = (
    Page("GET", "/coffre", Act.READ, show),
    Page("POST", "/coffre", Act.READ, unlock),
    Page("POST", "/coffre/verrouiller", Act.READ, lock),
    Page("POST", "/coffre/phrase", Act.READ, choose),
    Page("POST", "/coffre/confier", Act.RULE, give),
    Page("POST", "/coffre/reprendre", Act.RULE, take),
)
