"""One request: in which language, with what form; and the ways to answer it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from typing import Any, TypeVar

from babel.dates import format_date, format_datetime
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.language import Words
from gateway.parcel import is_token
from gateway.portal.desk import Desk
from gateway.portal.render import render
from gateway.store import vault
from gateway.store.parcel_parts import root_of
from gateway.store.parcels import Opened
from gateway.typed import typed

T = TypeVar("T")
COOKIE = "parcel"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_WITH_SCRIPT = f"{POLICY}; script-src 'self'; connect-src 'self'"
_LONGEST_FIELD = 100_000  # characters
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


@dataclass(slots=True)
class Visit:
    request: Request
    desk: Desk
    words: Words
    form: FormData = field(default_factory=FormData)
    parcel: Opened | None = None

    @property
    def mine(self) -> Opened:
        """On pages of a session."""
        assert self.parcel is not None
        return self.parcel

    @property
    def token(self) -> str:
        """Of the address; 404 for what can be none, as for one that opens nothing."""
        token = str(self.request.path_params["token"])
        if not is_token(token):
            raise HTTPException(404)
        return token

    @property
    def place(self) -> str:
        """Where the visitor comes from, for the guard. A house has 2^64 addresses of IPv6."""
        host = self.request.client.host if self.request.client else ""
        try:
            return str(ip_network(f"{host}/64", strict=False)) if ":" in host else host
        except ValueError:
            return host

    async def sought(self, look: Callable[[str], Awaitable[T | None]]) -> T:
        """What the token of the address opens. 404 for whatever cannot be opened; 429 for whoever
        tried too often."""
        now, guard = self.desk.clock(), self.desk.guard
        if guard.is_shut(self.place, now):
            raise HTTPException(429)
        found = await look(self.token)
        if found is None:
            guard.wrong(self.place, now)
            raise HTTPException(404)
        return found

    @property
    def csrf(self) -> str:
        """What forms of a session must bring back."""
        cookie = self.request.cookies.get(COOKIE, "")
        return vault.derived(root_of(cookie), b"portal form").hex() if cookie else ""

    def given(self, name: str) -> str:
        return typed(self.form.get(name), _LONGEST_FIELD)

    def files(self, name: str) -> list[UploadFile]:
        """Those that were chosen: an empty field brings one without a name."""
        found = (one for one in self.form.getlist(name) if isinstance(one, UploadFile))
        return [one for one in found if one.filename or one.size]

    async def opened(self) -> Opened:
        """The parcel of this session. 401 where there is none, whatever the reason."""
        cookie = self.request.cookies.get(COOKIE, "")
        found = None
        if is_token(cookie):
            found = await self.desk.parcels.enter(self.request.path_params["id"], cookie)
        if found is None:
            raise HTTPException(401)
        return found

    def day(self, epoch: float) -> str:
        when = datetime.fromtimestamp(epoch, self.desk.zone)
        return format_date(when, "full", locale=_LOCALES[self.words.language])

    def moment(self, epoch: float) -> str:
        when = datetime.fromtimestamp(epoch, self.desk.zone)
        written = "EEEE d MMMM y, HH:mm"
        return format_datetime(when, written, locale=_LOCALES[self.words.language])

    def page(
        self, template: str, status: int = 200, *, scripted: bool = False, **values: Any
    ) -> Response:
        """scripted: it asks for a passkey."""
        shown = render(template, self, values | {"scripted": scripted})
        headers = {"Content-Security-Policy": _WITH_SCRIPT} if scripted else None
        return HTMLResponse(shown.encode("utf-8", "replace"), status, headers)

    def away(self, path: str) -> Response:
        return RedirectResponse(path, 303)


@dataclass(frozen=True, slots=True)
class Page:
    """path: as Starlette writes it, with {token}, or {id} on pages of a session. session: whose
    forms must bring back its secret. large: a whole message stands in memory. files: how many its
    form may bring."""

    method: str
    path: str
    answer: Callable[[Visit], Awaitable[Response]]
    session: bool = False
    large: bool = False
    files: int = 0


Pages = tuple[Page, ...]
