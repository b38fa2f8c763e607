"""One request: who asks, in which language, with what form; and the ways to answer it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.console import access, dates
from gateway.console.access import Act
from gateway.console.desk import Desk
from gateway.console.render import render
from gateway.language import Words
from gateway.store.accounts import Account
from gateway.store.held import Held
from gateway.store.keys import OpeningKey
from gateway.store.sessions import Session
from gateway.typed import typed

COOKIE = "session"
_LONGEST_FIELD = 10_000  # characters of one field of a form


@dataclass(frozen=True, slots=True)
class Observed:
    """Until when rules only look on, in words. soon: that is within days."""

    day: str
    soon: bool


@dataclass(slots=True)
class Visit:
    """account, session: None for somebody who has not signed in. form: of a POST. uncontrolled:
    since when mail goes past the gateway, seconds since the epoch; None: it does not."""

    request: Request
    desk: Desk
    words: Words
    account: Account | None = None
    session: Session | None = None
    form: FormData = field(default_factory=FormData)
    uncontrolled: float | None = None

    @property
    def who(self) -> Account:
        """On pages that ask for a sign-in."""
        assert self.account is not None
        return self.account

    def may(self, act: Act) -> bool:
        return access.may(self.account, act)

    @property
    def narrow(self) -> bool:
        """Whether this account sees nothing but what waits for its reading, and what officers hand
        to a second reader."""
        return self.account is not None and self.desk.sees_but_reviews(self.account)

    @property
    def undeclared(self) -> Sequence[str]:
        """What the law asks for first, and nobody has declared as done."""
        today = datetime.fromtimestamp(self.desk.clock(), self.desk.calendar.zone).date()
        return self.desk.undeclared(today)

    @property
    def observed(self) -> Observed | None:
        """None where rules do what they say."""
        time, now = self.desk.bench.observation, self.desk.clock()
        if time.until is None or not time.on(now):
            return None
        return Observed(dates.day_in_words(time.until, self.words.language), time.ends_soon(now))

    def given(self, name: str) -> str:
        """A field of the form, without blanks at its ends."""
        return typed(self.form.get(name), _LONGEST_FIELD)

    def asked(self, name: str) -> str:
        """A parameter of the address."""
        return typed(self.request.query_params.get(name), _LONGEST_FIELD)

    async def held(self) -> Held:
        """The mail of the address's {id}; 404, too, where it is none of this account's business."""
        found = await self.desk.holds.get(self.request.path_params["id"])
        if found is None or not access.sees(self.who, found) or not await self._is_his(found):
            raise HTTPException(404)
        return found

    async def _is_his(self, held: Held) -> bool:
        """Of whoever sees but what he is asked to read: whether this is such a mail."""
        if not self.narrow:
            return True
        panel = await self.desk.reviewing.votes.panel(held)
        if panel is not None and self.who.name in panel.readers:
            return True
        return (await self.desk.queue.mark(held.id)).second

    async def content_keys(self, held: Held) -> tuple[OpeningKey, ...]:
        """What this session has unlocked of a mail under lock."""
        return await self.desk.coffer.content_keys(self.session, self.account, held)

    def rule(self, identity: str) -> str:
        """What a rule is called, in the visitor's language where it is one of ours."""
        return self.words(self.desk.rule_title(identity) or identity)

    def positions(self, held: Held) -> tuple[int, ...] | None:
        """Of the recipients whose boxes are ticked; None where the form has no boxes."""
        if "boxes" not in self.form:
            return None
        ticked = {str(one) for one in self.form.getlist("position")}
        return tuple(copy.position for copy in held.copies if str(copy.position) in ticked)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(render(template, self, values), status)

    def away(self, path: str, said: str = "") -> Response:
        """After a POST: to a page of ours, with a word on top of it."""
        response = RedirectResponse(path, 303)
        if said:
            response.set_cookie(
                "said", _cookie(said), max_age=30, httponly=True, samesite="strict", path="/"
            )
        return response

    def said(self) -> str:
        return _uncookie(self.request.cookies.get("said", ""))


@dataclass(frozen=True, slots=True)
class Page:
    """path: as Starlette writes it, "/dossiers/{id}". act: what an account must be allowed.
    by_ticket: the address itself says who comes; whoever is signed in counts for nothing.
    unattended: a script asks, not a person: no session lives longer by it.
    files: how many its form may bring."""

    method: str
    path: str
    act: Act
    answer: Callable[[Visit], Awaitable[Response]]
    by_ticket: bool = False
    unattended: bool = False
    files: int = 0


Pages = tuple[Page, ...]
Values = Mapping[str, Any]


def _cookie(text: str) -> str:
    return text.encode("utf-8").hex()


def _uncookie(text: str) -> str:
    try:
        return bytes.fromhex(text[:2000]).decode("utf-8")
    except ValueError:
        return ""
