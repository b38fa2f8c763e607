"""One letter instead of a series of notices: how many messages, which dossiers, since when.

It says what became of each dossier by the time it is written, since many may have been decided
while their notices waited. Like them it holds no value, subject, file name or address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.act.letter import Block, Link, Rows, Words, compose
from gateway.act.notice import Notices
from gateway.model import Letter, Recipient

MOST_LISTED = 1000  # dossiers; beyond, only their number is told
_NOW = {
    "held": "retenu",
    "releasing": "envoi décidé",
    "released": "envoyé",
    "rejected": "annulé",
    "expired": "annulé, faute de décision",
}
_ELSE = "traité"  # erased since, or never held


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier. state: of `store.schema.State`, or "". until: when it is cancelled, or None.
    ticket: what opens its page for the sender; "" for none. asks: it waits for his answer."""

    id: str
    state: str = ""
    until: float | None = None
    ticket: str = field(default="", repr=False)
    asks: bool = False


def bundle(
    notices: Notices, lines: Sequence[Line], to: Sequence[str], *, since: float, now: float
) -> Letter:
    """lines: the oldest first; since: seconds since the epoch."""
    officers = set(to) <= set(notices.officers)
    count, hour = len(lines), notices.calendar.hour_in_words(since)
    many = "s" if count > 1 else ""
    asked = not officers and any(line.asks for line in lines)
    where = "en attente" if asked else "en quarantaine"
    title = f"{count} autre{many} message{many} {where} depuis {hour} (avis groupé)"
    blocks: list[Block] = [
        Words("Bonjour,"),
        Words(_told(count, officers)),
        Rows(
            (
                ("Messages", str(count)),
                ("Encore retenus", str(sum(line.state == "held" for line in lines))),
                ("Le premier", notices.calendar.in_words(since)),
            )
        ),
        Rows(_rows(notices, lines, now), indent=2, wrap=False),
        *_rest(count),
        Words("Si un logiciel les envoie en série, arrêtez-le d'abord."),
        *_way(notices, lines, officers),
        Words(
            "Sans décision avant la date dite, l'envoi est annulé et l'expéditeur averti. Rien ne "
            "disparaît sans que vous le sachiez."
        ),
    ]
    ways = ", ".join(way for way in (notices.phone, notices.help) if way)
    if ways:
        blocks.append(Words(f"Besoin d'aide : {ways}"))
    subject = f"[Quarantaine] {title}" if officers else title
    content = compose(subject, blocks, sender=notices.sender, to=to, when=now)
    return Letter("bundle", "", tuple(Recipient(one) for one in to), content, "notices")


def _told(count: int, officers: bool) -> str:
    many = "s" if count > 1 else ""
    whose = f"message{many}" if officers else "de vos messages"
    were = "ont été retenus avant leur" if many else "a été retenu avant sa"
    return (
        f"{count} autre{many} {whose} {were} sortie. Pour ne pas remplir votre boîte, un seul "
        "courriel annonce toute la série."
    )


def _rows(notices: Notices, lines: Sequence[Line], now: float) -> tuple[tuple[str, str], ...]:
    return tuple((line.id, _state(notices, line, now)) for line in lines[:MOST_LISTED])


def _state(notices: Notices, line: Line, now: float) -> str:
    if line.asks:
        return "attend une réponse ; sa page dit jusqu'à quand"
    word = _NOW.get(line.state, _ELSE)
    if line.state != "held" or line.until is None:
        return word
    return f"{word}, décision avant {notices.calendar.by(line.until, now)}"


def _rest(count: int) -> list[Block]:
    more = count - MOST_LISTED
    return [Words(f"et {more} autres, trop nombreux pour être écrits ici.")] if more > 0 else []


def _way(notices: Notices, lines: Sequence[Line], officers: bool) -> list[Block]:
    if officers:
        if notices.url:
            return [Words("Que faire ? Les dossiers sont ici :"), Link(f"{notices.url}/dossiers")]
        return [Words("Sur le serveur : vaguemestre quarantine list")]
    waiting = [one for one in lines[:MOST_LISTED] if one.state == "held" and one.ticket]
    if notices.url and waiting:
        pages = (notices.own_page(line.id, line.ticket) for line in waiting)
        return [Words("Que faire ? Chaque dossier encore retenu a sa page :"), *pages]
    whom = f"Écrivez à {notices.help}" if notices.help else "Appelez votre service informatique"
    return [Words(f"Que faire ? {whom}, en donnant les numéros de dossier.")]
