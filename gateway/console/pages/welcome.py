"""The link of an invitation: choose a password, once. Looking at it uses nothing up, so that mail
scanners that follow links do no harm."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from gateway import passwords
from gateway.console import credentials
from gateway.console.access import Act
from gateway.console.pages.sign_in import signed_in
from gateway.console.visit import Page, Visit
from gateway.language import later

_SPENT = later(
    "Ce lien a déjà servi, ou il est trop vieux. Demandez-en un autre à l'administrateur."
)


async def show(visit: Visit) -> Response:
    name = await visit.desk.accounts.invited(visit.request.path_params["token"])
    if not name:
        return visit.page("refusal.html", 410, text=_SPENT)
    return visit.page("welcome.html", name=name, complaint="")


async def choose(visit: Visit) -> Response:
    token = visit.request.path_params["token"]
    name = await visit.desk.accounts.invited(token)
    password = str(visit.form.get("password", ""))
    if not name:
        return visit.page("refusal.html", 410, text=_SPENT)
    complaint = credentials.complaint(password, name)
    if not complaint and password != visit.form.get("again"):
        complaint = later("Les deux mots de passe ne sont pas les mêmes.")
    if complaint:
        return visit.page("welcome.html", 422, name=name, complaint=visit.words(complaint))
    hashed = await asyncio.to_thread(passwords.hashed, password)
    if not await visit.desk.accounts.redeem(token, hashed):
        return visit.page("refusal.html", 410, text=_SPENT)
    return await signed_in(visit, name, "/", password=password)


PAGES = (
    Page("GET", "/bienvenue/{token}", Act.SIGN_IN, show),
    Page("POST", "/bienvenue/{token}", Act.SIGN_IN, choose),
)
