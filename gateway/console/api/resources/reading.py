"""Seeing into a held mail: masked; with a reason, one value, the whole text or the file.

As on its page: to look masked is noted once for each reader; a reason is on record before anything
is shown; where four eyes are configured for what was found, whole text and file wait until another
officer has allowed it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from gateway import rendering
from gateway.console import rulings
from gateway.console.access import Act
from gateway.console.api import held as told
from gateway.console.api import problem
from gateway.console.api.held import Spot, Unread
from gateway.console.api.problem import Problem
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import AccountName, OneOf, Reason, Shape, moment
from gateway.console.sight import ShownPart, drawable
from gateway.model import Coverage
from gateway.store.holds import Opened
from gateway.store.permits import Permit

_MOST_PARTS = 200


class Piece(Shape):
    """kind: of what is found there, "" for what nothing hides. Masked unless it was revealed."""

    text: str
    kind: str


class Passage(Shape):
    """cut: there is more, which is not shown."""

    place: Spot
    pieces: tuple[Piece, ...]
    cut: bool


class PartShown(Shape):
    place: Spot
    kind: str
    coverage: Coverage
    problems: tuple[Unread, ...]
    passages: tuple[Passage, ...]


class TextShown(Shape):
    """more: there are further parts, which are not shown."""

    parts: tuple[PartShown, ...]
    more: bool


class Reveal(Shape):
    """what: one finding by its number, or the whole text."""

    what: Annotated[str, OneOf("finding", "whole")]
    finding: int | None = Field(default=None, ge=0, le=1_000_000)
    reason: Reason


class Revealed(Shape):
    """values: of the finding; text: the whole, in clear."""

    values: tuple[str, ...] = ()
    text: TextShown | None = None


class PicturesAsked(Shape):
    """part: its number among the mail's `parts`: a PDF or an image. page: of the first, from 1."""

    part: int = Field(ge=0, le=1_000_000)
    page: int = Field(default=1, ge=1, le=1_000_000)
    reason: Reason


class PicturesShown(Shape):
    """pages: PNG in base64, in order, a few at a time. total: how many there are. following: the
    page to ask for next, null after the last."""

    place: Spot
    pages: tuple[str, ...]
    total: int
    following: int | None
    problems: tuple[Unread, ...]


class ReadingReason(Shape):
    reason: Reason


class PermitState(Shape):
    """To read the whole. granted_by: "" while nobody has. until: when it is over."""

    account: str
    asked: datetime
    granted_by: str
    until: datetime | None


class Permits(Shape):
    """needed: what was found asks for four eyes."""

    needed: bool
    permits: tuple[PermitState, ...]


class Granted(Shape):
    account: AccountName


async def preview(call: Call) -> TextShown:
    """The text that was read, part by part, with what was found masked. Noted once a reader."""
    opened = await _opened(call)
    _demand_wall(call)
    hold, who = opened.held.id, call.who.name
    events = await call.desk.holds.history(hold)
    if not any(event.kind == "previewed" and event.who == who for event in events):
        await call.desk.holds.record(hold, "previewed", who)
    return _text(await call.desk.sight.text(opened.mail.content, clear=False))


async def reveal(call: Call, body: Reveal) -> Revealed:
    """One value found, or the whole text, in clear. The reason is kept, with the reader's name."""
    opened = await _opened(call)
    sight, mail, who = call.desk.sight, opened.mail.content, call.who.name
    found = opened.inspection.findings
    _demand_wall(call)
    if body.what == "whole":
        await _demand_two(call, opened)
        await call.desk.holds.reveal(opened.held.id, who, body.reason.strip(), what="whole")
        return Revealed(text=_text(await sight.text(mail, clear=True)))
    if body.finding is None or body.finding >= len(found):
        raise problem.wrong("body/finding", call.say("Choisissez ce qu'il faut montrer."))
    one = found[body.finding]
    reason = body.reason.strip()
    await call.desk.holds.reveal(opened.held.id, who, reason, what="part", kind=one.kind)
    return Revealed(values=await sight.values(mail, one))


async def pictures(call: Call, body: PicturesAsked) -> PicturesShown:
    """A PDF or an image as pictures, which nothing masks. The reason is kept, with the reader."""
    opened = await _opened(call)
    place = drawable(opened.inspection.parts).get(body.part)
    if place is None:
        raise problem.wrong("body/part", call.say("Choisissez ce qu'il faut montrer."))
    _demand_wall(call)
    await _demand_two(call, opened)
    reason = body.reason.strip()
    await call.desk.holds.reveal(opened.held.id, call.who.name, reason, what="picture")
    seen = await call.desk.sight.pictures(opened.mail.content, body.part, body.page - 1)
    after = body.page + rendering.MOST_PAGES
    return PicturesShown(
        place=told.spot(place),
        pages=tuple(base64.b64encode(png).decode("ascii") for png in seen.pngs),
        total=seen.total,
        following=after if after <= seen.total else None,
        problems=tuple(map(told.unread, seen.failed)),
    )


async def download(call: Call, body: ReadingReason) -> Response:
    """The mail as it came, byte for byte. The reason is kept, with the reader's name."""
    opened = await _opened(call)
    await _demand_two(call, opened)
    held = opened.held.id
    await call.desk.holds.reveal(held, call.who.name, body.reason.strip(), what="download")
    headers = {"Content-Disposition": f'attachment; filename="dossier-{held}.eml"'}
    return Response(opened.mail.content, 200, headers, "application/octet-stream")


async def permits(call: Call) -> Permits:
    """Who asked to read a held mail whole, and who allowed it."""
    opened = await _opened(call)
    sight = call.desk.sight
    return Permits(
        needed=sight.asks_for_two(opened.inspection.findings),
        permits=tuple(map(_permit, await sight.permits.of(opened.held.id))),
    )


async def ask(call: Call, body: ReadingReason) -> None:
    """Ask another officer to allow one to read a held mail whole."""
    held = await call.held()
    await call.desk.sight.permits.ask(held.id, call.who.name, body.reason.strip())


async def grant(call: Call, body: Granted) -> None:
    """Allow another account to read a held mail whole, for half an hour."""
    held = await call.held()
    if not rulings.allowed(call.visit, held):
        raise Problem(problem.NOT_YOURS)
    if not await call.desk.sight.permits.grant(held.id, body.account, call.who.name):
        raise Problem(problem.CONFLICT)


async def _opened(call: Call) -> Opened:
    held = await call.held()
    opened = await call.desk.holds.open(held.id, call.desk.keys)
    if opened is None:
        raise Problem(problem.NOT_FOUND)
    return opened


def _demand_wall(call: Call) -> None:
    if call.desk.sight.wall is None:
        raise Problem(problem.BUSY)


async def _demand_two(call: Call, opened: Opened) -> None:
    sight = call.desk.sight
    if sight.asks_for_two(opened.inspection.findings) and not await sight.permitted(
        opened.held.id, call.who.name
    ):
        raise Problem(problem.TWO_NEEDED)


def _permit(one: Permit) -> PermitState:
    return PermitState(
        account=one.account,
        asked=moment(one.asked),
        granted_by=one.granted_by,
        until=moment(one.until) if one.granted_by else None,
    )


def _text(parts: Iterable[ShownPart]) -> TextShown:
    shown = [
        PartShown(
            place=told.spot(part.place),
            kind=part.kind,
            coverage=part.coverage,
            problems=tuple(map(told.unread, part.problems)),
            passages=tuple(
                Passage(
                    place=told.spot(passage.place),
                    pieces=tuple(Piece(text=one.text, kind=one.kind) for one in passage.pieces),
                    cut=passage.cut,
                )
                for passage in part.passages
            ),
        )
        for part in parts
    ]
    return TextShown(parts=tuple(shown[:_MOST_PARTS]), more=len(shown) > _MOST_PARTS)


_SEALED = (problem.SEALED, problem.UNDER_LOCK)
_WHOLE = (*_SEALED, problem.TWO_NEEDED)
_GRANT = (problem.NOT_YOURS, problem.CONFLICT)
ROUTES = (
    Route("GET", "/v1/holds/{id}/preview", Act.READ, preview, problems=_SEALED),
    Route("POST", "/v1/holds/{id}/reveals", Act.READ, reveal, problems=_WHOLE),
    Route(
        "POST",
        "/v1/holds/{id}/message",
        Act.READ,
        download,
        problems=_WHOLE,
        media="application/octet-stream",
    ),
    Route("POST", "/v1/holds/{id}/pictures", Act.READ, pictures, problems=_WHOLE),
    Route("GET", "/v1/holds/{id}/permits", Act.READ, permits, problems=_SEALED),
    Route("POST", "/v1/holds/{id}/permits", Act.READ, ask),
    Route("POST", "/v1/holds/{id}/permits/grants", Act.RULE, grant, problems=_GRANT),
)
