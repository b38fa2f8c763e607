"""A second reader says whether a mail may leave, and why. Nobody does of what he wrote: not its
sender, nor whoever its From or Sender names, nor who stands in for its sender meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.act import header
from gateway.console.access import Act
from gateway.console.pages import hold
from gateway.console.visit import Page, Visit
from gateway.store.held import Held
from gateway.store.vault import CannotOpen

AGREED, REFUSED = "accord", "desaccord"
_AUTHORS = (b"from", b"sender")
_LONGEST = 2_000  # characters of such a field that are looked at
_MOST = 20  # such fields
_BETWEEN = str.maketrans(dict.fromkeys("<>(),;:[]\\", " ") | {'"': None})  # words of a field


async def vote(visit: Visit) -> Response:
    held = await visit.held()
    said, words = visit.given("avis"), visit.given("mots")
    if said not in (AGREED, REFUSED):
        return await hold.show(visit, visit.words("Choisissez : d'accord ou pas d'accord."))
    if not words:
        return await hold.show(visit, visit.words("Dites pourquoi : le motif est gardé."))
    reviewing, who = visit.desk.reviewing, visit.who.name
    authors = await _authors(visit, held) if said == AGREED else ()
    done = await reviewing.votes.cast(held.id, who, said == AGREED, words, authors)
    await reviewing.settle(held.id)
    visit.desk.queue.forget()
    told = visit.words("Votre avis est gardé.")
    if not done:
        told = visit.words("Votre avis n'est pas attendu ici, ou ne l'est plus : rien n'a changé.")
    return visit.away("/", f"{held.id} : {told}")


async def _authors(visit: Visit, held: Held) -> tuple[str, ...]:
    """Raises UnderLock: what nobody can read here, nobody agrees to."""
    keys = (*visit.desk.keys, *await visit.content_keys(held))
    try:
        opened = await visit.desk.holds.open(held.id, keys)
    except CannotOpen as error:
        if held.under_lock:
            raise
        raise HTTPException(409) from error
    return tuple(_named(opened.mail.content)) if opened else ()


def _named(content: bytes) -> Iterator[str]:
    """However broken the field is: a word too many costs a reader, one too few serves an author."""
    read = header.read(header.split(content)[0])
    fields = [value[:_LONGEST] for name in _AUTHORS for value in read.values(name)][:_MOST]
    for field in fields:
        words = " ".join(field.translate(_BETWEEN).split())
        yield from (
            word for word in words.replace(" @", "@").replace("@ ", "@").split() if "@" in word
        )


PAGES = (Page("POST", "/dossiers/{id}/avis", Act.REVIEW, vote),)
