"""One's own account: password, second factor, passkeys, where one is signed in."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from gateway import passwords
from gateway.console import credentials
from gateway.console.access import Act
from gateway.console.pages.sign_in import signed_in
from gateway.console.visit import Page, Visit
from gateway.language import later
from gateway.store.keyrings import wrap

FRESH_SECONDS = 600.0  # after a sign-in, for accounts that have no password here to be asked for
_WRONG = later("Le mot de passe actuel n'est pas le bon.")
_STALE = later("Sortez et entrez de nouveau : cela se change dans les dix minutes après l'entrée.")


async def show(visit: Visit, complaint: str = "", secret: str = "") -> Response:
    votes, reads = visit.desk.reviewing.votes, visit.may(Act.REVIEW)
    sessions = await visit.desk.sessions.of(visit.who.name)
    passkeys = await visit.desk.entrance.passkeys.of(visit.who.name)
    address = credentials.uri(secret, visit.who.name, "Vaguemestre") if secret else ""
    return visit.page(
        "account.html",
        422 if complaint else 200,
        sessions=sessions,
        passkeys=[(one, one.label(visit.desk.keys)) for one in passkeys],
        site=visit.desk.entrance.site,
        secret=secret,
        address=address,
        complaint=visit.words(complaint) if complaint else "",
        away=await votes.absence(visit.who.name) if reads else None,
        stand_ins=await votes.stand_ins(visit.who.name) if reads else (),
    )


async def change_password(visit: Visit) -> Response:
    if not visit.who.password or await complaint(visit):
        return await show(visit, _WRONG)
    new = str(visit.form.get("new", ""))
    wrong = credentials.complaint(new, visit.who.name)
    if not wrong and new != visit.form.get("again"):
        wrong = later("Les deux mots de passe ne sont pas les mêmes.")
    if wrong:
        return await show(visit, wrong)
    name, hashed = visit.who.name, await asyncio.to_thread(passwords.hashed, new)
    pair = await visit.desk.coffer.pair(name, str(visit.form.get("password", "")))
    wrapped = await asyncio.to_thread(wrap, name, pair, new) if pair else None
    await visit.desk.accounts.set_password(name, hashed, wrapped)
    return await signed_in(visit, name, "/compte", password=new)


async def begin_second_factor(visit: Visit) -> Response:
    if wrong := await complaint(visit):
        return await show(visit, wrong)
    return await show(visit, secret=credentials.new_secret())


async def set_second_factor(visit: Visit) -> Response:
    """The secret comes back with the form; what is kept is what a first code was right for."""
    secret = visit.given("secret")
    if not secret.isalnum() or len(secret) != len(credentials.new_secret()):
        return await show(visit, later("Recommencez : ce code n'a pas été proposé ici."))
    if not credentials.step_of(secret, visit.given("code"), visit.desk.clock()):
        wrong = later("Ce code n'est pas le bon ; regardez l'heure du téléphone.")
        return await show(visit, wrong, secret)
    await visit.desk.accounts.set_totp(visit.who.name, secret)
    return visit.away("/compte", visit.words("Le second facteur est en place."))


async def remove_second_factor(visit: Visit) -> Response:
    if wrong := await complaint(visit):
        return await show(visit, wrong)
    await visit.desk.accounts.set_totp(visit.who.name, "")
    return visit.away("/compte", visit.words("Le second facteur est retiré."))


async def end_session(visit: Visit) -> Response:
    chosen = visit.given("session")
    if chosen in {one.id for one in await visit.desk.sessions.of(visit.who.name)}:
        visit.desk.coffer.forget(chosen)
    await visit.desk.sessions.close(chosen, visit.who.name)
    return visit.away("/compte", visit.words("La session est fermée."))


async def complaint(visit: Visit) -> str:
    """The password, asked again before anything that would outlast a browser left open, in French;
    "" for the right one. Wrong ones count. Who has none here must have signed in just now."""
    password, now = str(visit.form.get("password", "")), visit.desk.clock()
    if visit.who.locked_until > now:
        return _WRONG
    if not visit.who.password:
        assert visit.session is not None
        return "" if now - visit.session.created < FRESH_SECONDS else _STALE
    if await asyncio.to_thread(passwords.fits, visit.who.password, password):
        return ""
    await visit.desk.accounts.failed(visit.who.name)
    return _WRONG


PAGES = (
    Page("GET", "/compte", Act.BE_SIGNED_IN, show),
    Page("POST", "/compte/mot-de-passe", Act.BE_SIGNED_IN, change_password),
    Page("POST", "/compte/second-facteur", Act.BE_SIGNED_IN, begin_second_factor),
    Page("POST", "/compte/second-facteur/en-place", Act.BE_SIGNED_IN, set_second_factor),
    Page("POST", "/compte/second-facteur/retirer", Act.BE_SIGNED_IN, remove_second_factor),
    Page("POST", "/compte/session", Act.BE_SIGNED_IN, end_session),
)
