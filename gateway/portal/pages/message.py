"""The message itself: its text, its files, all of it as message.eml; and the answer to it.

HTML is shown as text. Files are downloaded, never shown: they come from a mail.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.act import contents, header
from gateway.act.portal_reply import Answer, File, safe_name
from gateway.language import later
from gateway.portal.visit import COOKIE, Page, Pages, Visit
from gateway.store import codec
from gateway.store.vault import CannotOpen

MOST_FILES = 20  # of an answer
MOST_TEXT = 500_000  # characters shown: a book; a telephone takes no more
ORIGINAL = "message.eml"
_LABELS = (
    (later("De"), b"from"),
    (later("À"), b"to"),
    (later("Copie"), b"cc"),
    (later("Date"), b"date"),
)
_LONGEST_DATE = 100  # characters; a right one has about 31
_SANDBOX = "default-src 'none'; sandbox"


@dataclass(frozen=True, slots=True, repr=False)
class Letterhead:
    subject: str
    lines: tuple[tuple[str, str], ...]


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def file(visit: Visit) -> Response:
    """One of the files, by its number on the page."""
    number = str(visit.request.path_params["number"])
    content = await _content(visit)
    shown = await asyncio.to_thread(contents.read, content)
    if not (number.isascii() and number.isdecimal() and len(number) < 5):
        raise HTTPException(404)
    if int(number) >= len(shown.files):
        raise HTTPException(404)
    one = shown.files[int(number)]
    return _download(one.name, one.data)


async def original(visit: Visit) -> Response:
    return _download(ORIGINAL, await _content(visit))


async def reply(visit: Visit) -> Response:
    text, chosen = visit.given("texte"), visit.files("fichiers")
    if not text and not chosen:
        return await _page(visit, 422, error=later("Écrivez une réponse, ou joignez un fichier."))
    files = tuple([File(safe_name(one.filename or ""), await one.read()) for one in chosen])
    if sum(len(one.data) for one in files) > visit.desk.reply:
        raise HTTPException(413)
    answer = Answer(text, files)
    unread = await visit.desk.unread(answer) if files else 0
    sealed = codec.dump(replace(answer, unread=unread))
    if not await visit.desk.parcels.reply(visit.mine, sealed):
        await visit.opened()
        return await _page(
            visit, 429, error=later("Trop de réponses. Téléphonez, s'il vous plaît.")
        )
    visit.desk.log.info("parcel answered", id=visit.mine.about, files=len(files), unread=unread)
    return visit.away(f"/m/{visit.mine.id}/reponse-envoyee")


async def replied(visit: Visit) -> Response:
    """A page of its own: shown again, it sends nothing again."""
    return visit.page("replied.html", parcel=visit.mine)


async def leave(visit: Visit) -> Response:
    await visit.desk.parcels.leave(visit.mine)
    answer = visit.page("left.html")
    answer.delete_cookie(COOKIE, path=f"/m/{visit.mine.id}")
    return answer


def letterhead(visit: Visit, content: bytes) -> Letterhead:
    head = header.read(header.split(content)[0])

    def value(name: bytes) -> str:
        written = contents.decoded(", ".join(head.values(name)))
        return _moment(visit, written) if name == b"date" else written

    lines = ((label, value(name)) for label, name in _LABELS)
    return Letterhead(value(b"subject"), tuple(line for line in lines if line[1]))


def _moment(visit: Visit, written: str) -> str:
    """As people read it; as it was written where it is no date."""
    try:
        return visit.moment(parsedate_to_datetime(written[:_LONGEST_DATE]).timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):
        return written


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    content = await _content(visit)
    shown = await asyncio.to_thread(contents.read, content)
    return visit.page(
        "message.html",
        status,
        parcel=visit.mine,
        head=letterhead(visit, content),
        text=shown.text[:MOST_TEXT],
        whole=shown.whole and len(shown.text) <= MOST_TEXT,
        files=[(number, one.name, len(one.data)) for number, one in enumerate(shown.files)],
        length=len(content),
        offers_password=bool(visit.desk.boxes and visit.mine.box),
        offers_keys=bool(visit.desk.accounts and visit.mine.box),
        error=error,
        typed=visit.given("texte"),
        csrf=visit.csrf,
    )


async def _content(visit: Visit) -> bytes:
    try:
        return await asyncio.to_thread(visit.desk.parcels.content, visit.mine)
    except (OSError, CannotOpen):
        visit.desk.log.error("parcel cannot be opened", id=visit.mine.about)
        raise HTTPException(503) from None


def _download(name: str, data: bytes) -> Response:
    """Never opened in the browser: neither by its type nor by its name."""
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._-" else "_" for c in name)
    written = quote(name.encode("utf-8", "replace"), safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=utf-8''{written}",
        "Content-Security-Policy": _SANDBOX,
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


PAGES: Pages = (
    Page("GET", "/m/{id}", show, session=True, large=True),
    Page("GET", "/m/{id}/fichier/{number}", file, session=True, large=True),
    Page("GET", "/m/{id}/" + ORIGINAL, original, session=True, large=True),
    Page("POST", "/m/{id}/reponse", reply, session=True, large=True, files=MOST_FILES),
    Page("GET", "/m/{id}/reponse-envoyee", replied, session=True),
    Page("POST", "/m/{id}/sortie", leave, session=True),
)
