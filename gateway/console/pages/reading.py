"""Seeing into a held mail: what was read, masked; with a reason, one value, the whole or the file.

GET shows what hides every finding, and is noted once for each reader. POST reveals: the reason is
on record before anything is shown. Where four eyes are configured for what was found, whole text,
pictures and file wait until another officer has allowed it. A picture cannot be masked; it is
fetched once, by the session that asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway import rendering
from gateway.console import rulings
from gateway.console.access import Act
from gateway.console.sight import ShownPart, drawable
from gateway.console.visit import Page, Visit
from gateway.detect import table_plausibility
from gateway.language import later
from gateway.model import Finding, Place, Problem
from gateway.store.holds import Opened
from gateway.store.vault import CannotOpen, UnderLock

_FILE = {  # nothing that a browser would take for a page, whatever stands in it
    "Content-Type": "application/octet-stream",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
_PICTURE = _FILE | {"Content-Type": "image/png"}
_MOST_PARTS = 200  # on the page


@dataclass(frozen=True, slots=True)
class Revealed:
    """values: of one finding."""

    finding: Finding
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plates:
    """Pages of a part as pictures. first: their first, from 1. keys: under which they are fetched.
    following: the number to ask for next, 0 after the last. reason: why they are shown."""

    number: int
    place: Place
    first: int
    total: int
    keys: tuple[str, ...]
    failed: tuple[Problem, ...]
    following: int
    reason: str


async def show(visit: Visit) -> Response:
    opened = await _opened(visit)
    if isinstance(opened, Response):
        return opened
    held, holds = opened.held, visit.desk.holds
    read = any(
        event.kind == "previewed" and event.who == visit.who.name
        for event in await holds.history(held.id)
    )
    if not read and visit.desk.sight.wall:
        await holds.record(held.id, "previewed", visit.who.name)
    return await _page(visit, opened)


async def reveal(visit: Visit) -> Response:
    opened = await _opened(visit)
    if isinstance(opened, Response):
        return opened
    what, reason = visit.given("quoi"), visit.given("mots")
    finding = _finding(visit, opened)
    number, first = _number(visit, "partie"), max(1, _number(visit, "page"))
    if (
        what not in ("part", "whole", "picture", "download")
        or (what == "part" and finding is None)
        or (what == "picture" and number not in drawable(opened.inspection.parts))
    ):
        return await _page(visit, opened, later("Choisissez ce qu'il faut montrer."))
    if not reason:
        return await _page(visit, opened, later("Dites pourquoi : le motif est gardé."))
    if what != "part" and not await _may_read_whole(visit, opened):
        return await _page(
            visit, opened, later("Un second officier doit d'abord donner son accord.")
        )
    sight, mail = visit.desk.sight, opened.mail.content
    if what != "download" and sight.wall is None:
        return await _page(visit, opened, _NO_WALL)
    counts = {"what": what} | ({"kind": finding.kind} if what == "part" and finding else {})
    await visit.desk.holds.reveal(opened.held.id, visit.who.name, reason, **counts)
    if what == "download":
        return _file(opened)
    if what == "whole":
        return await _page(visit, opened, parts=await sight.text(mail, clear=True), clear=True)
    if what == "picture":
        return await _pictures(visit, opened, number, first, reason)
    assert finding is not None
    revealed = Revealed(finding, await sight.values(mail, finding))
    return await _page(visit, opened, revealed=revealed)


async def _pictures(visit: Visit, opened: Opened, number: int, first: int, reason: str) -> Response:
    sight = visit.desk.sight
    seen = await sight.pictures(opened.mail.content, number, first - 1)
    assert visit.session is not None
    keys = tuple(sight.prints.put(visit.session.id, png) for png in seen.pngs)
    after = first + rendering.MOST_PAGES
    following = after if after <= seen.total else 0
    place = opened.inspection.parts[number].place
    plates = Plates(number, place, first, seen.total, keys, seen.failed, following, reason)
    return await _page(visit, opened, parts=(), plates=plates)


async def picture(visit: Visit) -> Response:
    """One page of what was asked for, taken away as it is shown."""
    await visit.held()
    assert visit.session is not None
    png = visit.desk.sight.prints.take(visit.session.id, visit.request.path_params["cle"])
    if png is None:
        raise HTTPException(404)
    return Response(png, headers=_PICTURE)


async def ask(visit: Visit) -> Response:
    held = await visit.held()
    reason = visit.given("mots")
    if not reason:
        said = visit.words("Dites pourquoi : le motif est gardé.")
    else:
        await visit.desk.sight.permits.ask(held.id, visit.who.name, reason)
        said = visit.words("Accord demandé : un autre officier peut le donner sur cette page.")
    return visit.away(f"/dossiers/{held.id}/lecture", said)


async def grant(visit: Visit) -> Response:
    """By another officer who may rule on this mail."""
    held = await visit.held()
    if not rulings.allowed(visit, held):
        raise HTTPException(403)
    done = await visit.desk.sight.permits.grant(held.id, visit.given("compte"), visit.who.name)
    said = visit.words("Cet accord n'est pas à donner, ou pas par vous.")
    if done:
        said = visit.words("Accord donné, pour une demi-heure.")
    return visit.away(f"/dossiers/{held.id}", said)


_NO_WALL = later("Le bac à sable ne répond pas : le texte ne peut pas être montré ici.")


async def _opened(visit: Visit) -> Opened | Response:
    """The mail, or the page that says why not."""
    held = await visit.held()
    try:
        keys = (*visit.desk.keys, *await visit.content_keys(held))
        opened = await visit.desk.holds.open(held.id, keys)
    except UnderLock:
        raise
    except CannotOpen:
        return visit.page("refusal.html", 409, text=later("Aucune clé d'ici n'ouvre ce dossier."))
    if opened is None:
        raise HTTPException(404)
    return opened


async def _page(
    visit: Visit,
    opened: Opened,
    complaint: str = "",
    *,
    parts: tuple[ShownPart, ...] | None = None,
    revealed: Revealed | None = None,
    plates: Plates | None = None,
    clear: bool = False,
) -> Response:
    """parts: where they were read already; clear: without masks."""
    sight, held = visit.desk.sight, opened.held
    if parts is None and sight.wall:
        parts = await sight.text(opened.mail.content, clear=False)
    return visit.page(
        "reading.html",
        422 if complaint else 200,
        held=held,
        parts=(parts or ())[:_MOST_PARTS],
        more=len(parts or ()) > _MOST_PARTS,
        clear=clear,
        drawable=drawable(opened.inspection.parts),
        plates=plates,
        able=sight.wall is not None,
        findings=[
            (number, one)
            for number, one in enumerate(opened.inspection.findings)
            if one.fingerprints and one.kind != table_plausibility.KIND
        ],
        revealed=revealed,
        complaint=visit.words(complaint) if complaint else "",
        two=sight.asks_for_two(opened.inspection.findings),
        permits=await sight.permits.of(held.id),
        now=visit.desk.clock(),
    )


def _number(visit: Visit, name: str) -> int:
    """-1 for what is none."""
    given = visit.given(name)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 8 else -1


def _finding(visit: Visit, opened: Opened) -> Finding | None:
    found, number = opened.inspection.findings, _number(visit, "valeur")
    return found[number] if 0 <= number < len(found) else None


async def _may_read_whole(visit: Visit, opened: Opened) -> bool:
    sight = visit.desk.sight
    if not sight.asks_for_two(opened.inspection.findings):
        return True
    return await sight.permitted(opened.held.id, visit.who.name)


def _file(opened: Opened) -> Response:
    """The mail as it came. Named by its code, which tells nothing."""
    name = f"dossier-{opened.held.id}.eml"
    headers = _FILE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(opened.mail.content, headers=headers)


PAGES = (
    Page("GET", "/dossiers/{id}/lecture", Act.READ, show),
    Page("POST", "/dossiers/{id}/lecture", Act.READ, reveal),
    Page("GET", "/dossiers/{id}/image/{cle}", Act.READ, picture),
    Page("POST", "/dossiers/{id}/accord", Act.READ, ask),
    Page("POST", "/dossiers/{id}/accord/donner", Act.RULE, grant),
)
