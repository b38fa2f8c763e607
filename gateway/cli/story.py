"""What `trace` tells of a mail, step by step: as a person would say it, and as JSON.

From lines of the log and rows of the store, which both know no persons: addresses are hashes with
their domain, letters and rulings are told by kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.cli.log_lines import Line
from gateway.recorded import EVENTS
from gateway.store.events import Event
from gateway.store.schema import Post as PostState
from gateway.store.trace import Kept, Post, Story

_INDENT = "                     "  # under what follows the date
_ORDERS = {
    "pass": "laissé passer",
    "tag": "marqué",
    "redact": "caviardé",
    "encrypt": "chiffré",
    "delay": "différé de quelques minutes",
    "confirm": "en attente de l'expéditeur",
    "review": "en attente d'un second lecteur",
    "quarantine": "retenu",
    "reject": "refusé",
}
_COVERAGES = {"whole": "lu en entier", "partly": "lu en partie", "unread": "non lu"}
_EVENTS = EVENTS | {  # what an officer has on the pages in other words
    "held": "mis en quarantaine",
    "reminded": "rappelé au délégué",
    "previewed": "regardé",
    "revealed": "lu",
    "release": "envoi décidé",
    "release failed": "envoi abandonné, rendu au délégué",
    "rejected": "annulé",
    "expired": "annulé faute de décision",
    "asked": "envoi demandé par l'expéditeur",
    "urgent release": "envoi urgent décidé par l'expéditeur",
    "portal recall": "rappel demandé par la console",
    "corrected release": "envoi à l'adresse corrigée",
    "mail refused": "refusé à la porte",
    "review refused": "relecture : refusé, rendu au délégué",
    "escalated": "sans relecture à l'heure dite, rendu au délégué",
}
_LINES = {
    "sent": "envoyé",
    "put off": "remis à plus tard",
    "given up": "abandonné",
    "mail deferred": "différé par la passerelle",
    "cancelled": "annulé faute de décision",
}
_LETTERS = {
    "notice": "avis",  # to the sender; to the officers as well where it is grave
    "question": "question à l'expéditeur",
    "secret": "mot de passe d'un document",
    "report": "rapport de non-remise",
    "bundled": "avis regroupé",
    "release": "message libéré",
}
_POSTS = {
    PostState.WAITING: "en attente",
    PostState.DONE: "partie",
    PostState.GIVEN_UP: "abandonnée",
}


@dataclass(frozen=True, slots=True)
class Step:
    """at: seconds since the epoch. said: for --json. words: lines."""

    at: float
    said: dict[str, Any]
    words: tuple[str, ...]

    def told(self, zone: ZoneInfo) -> str:
        first, *more = self.words
        when = f"{datetime.fromtimestamp(self.at, zone):%d/%m/%Y %H:%M:%S}"
        return "\n".join((f"{when}  {first}", *(f"{_INDENT}{line}" for line in more)))


def of_line(line: Line) -> Step:
    at = _moment(line.get("timestamp"))
    said = {"at": _iso(at), "source": "log", **line}
    said.pop("timestamp", None)
    words = tuple(_mail(line)) if line.get("event") == "mail" else (_other(line),)
    return Step(at, said, words)


def of_store(story: Story) -> Iterator[Step]:
    for kept in story.holds:
        yield _step(kept.held, "hold", kept, _hold(kept))
    for event in story.events:
        yield _step(event.at, event.kind, event, _event(event))
    for post in story.posts:
        yield _step(post.finished or post.created, "letter", post, _letter(post))


def _step(at: float, kind: str, row: Kept | Event | Post, words: str) -> Step:
    """Of the row's fields, those that are text or numbers: what is sealed stays where it is."""
    named = ((name, getattr(row, name)) for name in row.__slots__)
    fields = {name: value for name, value in named if not isinstance(value, bytes)}
    return Step(at, {"at": _iso(at), "source": "store", "event": kind} | _renamed(fields), (words,))


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    """`at` is told already, and `kind` of an event is its name; of a letter it is its own."""
    hold = fields.pop("hold", None) or fields.pop("about", None)
    told = {name: value for name, value in fields.items() if name != "at"}
    return ({"id": hold} if hold else {}) | told


def _mail(line: Line) -> Iterator[str]:
    queue = f", file {line['queue_id']}" if line.get("queue_id") else ""
    client = f", de {line['client']}" if line.get("client") else ""
    yield (
        f"{line.get('id')} : reçu par la porte {line.get('door')}{client}{queue}, "
        f"{line.get('size')} octets, expéditeur {line.get('sender')}"
    )
    yield f"{_COVERAGES.get(str(line.get('coverage')), '')}{_counted(line)}"
    recipients = line.get("recipients")
    for one in recipients if isinstance(recipients, list) else ():
        if isinstance(one, dict):
            yield _recipient(one)


def _recipient(one: dict[str, Any]) -> str:
    order = str(one.get("order"))
    rule = f", règle {one['rule']}" if one.get("rule") else ""
    way = f", voie {one['channel']}" if one.get("channel") else ""
    words = str(one.get("hop") or "").split(" ")
    sent = ""
    if len(words) > 1:
        queued = f", file {words[2]}" if len(words) > 2 else ""
        sent = f", remis à {words[0]} qui a répondu {words[1]}{queued}"
    elif words != [""]:
        sent = f", {words[0]}"
    became = f"{_ORDERS.get(order, order)}{rule}{way}{sent}"
    return f"→ {one.get('to')} : {became}, répondu {one.get('reply')}"


def _counted(line: Line) -> str:
    found = {**_mapping(line.get("findings")), **_mapping(line.get("problems"))}
    return "".join(f", {kind} {count}" for kind, count in found.items())


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _other(line: Line) -> str:
    """Of the release process, and what else names this mail."""
    event = str(line.get("event"))
    what = f"{line.get('id')} : {_LINES.get(event, event)}"
    if kind := line.get("kind"):
        what += f" ({_LETTERS.get(str(kind), str(kind))})"
    if hop := line.get("hop"):
        what += f", {hop} a répondu {line.get('reply')}"
    if queued := line.get("queued"):
        what += f", file {queued}"
    return what


def _hold(kept: Kept) -> str:
    return f"dossier {kept.id} : porte {kept.door}, règle {kept.rule}, {kept.size} octets"


def _event(event: Event) -> str:
    who = f" par {event.who}" if event.who else ""
    detail = f" ({event.detail})" if event.detail else ""
    return f"dossier {event.hold} : {_EVENTS.get(event.kind, event.kind)}{who}{detail}"


def _letter(post: Post) -> str:
    kind, state = _LETTERS.get(post.kind, post.kind), _POSTS[PostState(post.state)]
    cause = f", réponse {post.cause}" if post.cause else ""
    return f"{post.about} : lettre ({kind}) {state}{cause}"


def _moment(text: object) -> float:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return 0.0


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
