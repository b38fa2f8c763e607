"""What waits on the portal, and taking it back: by the code of a mail, as its sender tells it.

Shown are codes and times. Whom a parcel is for stands under keys of its sender and its recipient,
and is no business of whoever closes it.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.shown import PARCELS
from gateway.console.visit import Page, Visit
from gateway.store.parcel_sender import Listed, Recalled, Senders

_PAGE = 100
_LONGEST_CODE = 32


async def show(visit: Visit) -> Response:
    about = visit.asked("dossier").strip().upper()[:_LONGEST_CODE]
    before = _time(visit.asked("avant"))
    found = await _parcels(visit).list(
        _PAGE, compartments=visit.who.compartments, about=about, before=before
    )
    return visit.page(
        "parcels.html",
        rows=[(one, state(visit, one)) for one in found],
        about=about,
        following=repr(found[-1].made) if len(found) == _PAGE else "",
    )


async def recall(visit: Visit) -> Response:
    about, desk = visit.given("dossier")[:_LONGEST_CODE], visit.desk
    done = await _parcels(visit).recall_all(about, visit.who.compartments)
    if done.unread or done.read:
        counts, who = {"unread": done.unread, "read": done.read}, visit.who.name
        await desk.holds.record(about, "portal recall", who, **counts)
    return visit.away("/portail", said(visit, done))


def said(visit: Visit, done: Recalled) -> str:
    if not (done.unread or done.read):
        return visit.words("Rien n'était plus à rappeler sous ce code.")
    several = [visit.words("Rappelé : le lien n'ouvre plus rien.")]
    if done.unread:
        several.append(visit.words.many("{count} jamais lu.", "{count} jamais lus.", done.unread))
    if done.read:
        several.append(
            visit.words.many(
                "{count} avait déjà été lu : ce qui a été vu ou enregistré n'est pas repris.",
                "{count} avaient déjà été lus : ce qui a été vu ou enregistré n'est pas repris.",
                done.read,
            )
        )
    return " ".join(several)


def state(visit: Visit, one: Listed) -> str:
    if one.how:
        return visit.words(PARCELS.get(one.how, one.how))
    if one.opened:
        return visit.words("lu")
    return visit.words("pas encore lu") if one.sent else visit.words("en partance")


def _parcels(visit: Visit) -> Senders:
    if visit.desk.parcels is None:
        raise HTTPException(404)
    return visit.desk.parcels


def _time(written: str) -> float | None:
    try:
        return float(written) if len(written) < 32 else None
    except ValueError:
        return None


PAGES = (
    Page("GET", "/portail", Act.SEE, show),
    Page("POST", "/portail/rappel", Act.RULE, recall),
)
