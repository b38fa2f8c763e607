"""The white list of the MSSanté space: had anew every day, and its age told. Asked by the clock of
the release process; doors read what it keeps (`gateway.act.white_list`).

From a file, or over HTTPS from a host whose certificate its name and an authority vouch for; no
redirect is followed, no proxy of the environment used. What cannot be had or read leaves the last
list in force until it expires. Officers get a letter a day from when it is stale.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog
from lxml import etree
from prometheus_client import Gauge

from gateway.act import alarm, white_list
from gateway.act.notice import Notices
from gateway.act.white_list import MAX_BYTES, Unusable, WhiteList
from gateway.config_mssante import WhiteList as Told
from gateway.store.database import Database
from gateway.store.digest import is_posted, post_once
from gateway.store.keys import DEFAULT, SealingKey, of_compartment

DAY_SECONDS = 86_400.0
AGAIN_SECONDS = 900.0  # after a failure
FILE_SECONDS = 300.0  # between two looks at a file of this machine
SECONDS = 60.0  # for all of it
ANNOUNCED = "white list stale"  # kind of the event that keeps two processes from writing twice


@dataclass(slots=True, repr=False)
class WhiteListCare:
    """known: as doors see it. get: the document at `told.source`, and when it was right, in seconds
    since the epoch; raises Unusable. every: seconds between two looks. is_signed: by whom it must
    be. due: when to look again;
    fetching: under way beside the clock's other duties."""

    known: WhiteList
    told: Told
    get: Callable[[float], Awaitable[tuple[bytes, float]]]
    database: Database
    notices: Notices
    sealing: Sequence[SealingKey]
    log: structlog.BoundLogger
    gauge: Gauge
    every: float
    is_signed: Callable[[etree._Element], bool] = lambda root: True
    due: float | None = None
    fetching: asyncio.Task[None] | None = None

    async def __call__(self, now: float) -> None:
        if self.fetching and not self.fetching.done():
            return
        if self.due is None:
            age = self.known.age()
            self.due = now if age is None else now - age + self.every
        if now >= self.due:
            self.due = now + AGAIN_SECONDS
            self.fetching = asyncio.create_task(self._look(now))
            return
        age = self.known.age()
        self.gauge.set(float("inf") if age is None else age)
        if age is None or age > self.told.stale * DAY_SECONDS:
            await self._announce(age, now)

    async def _look(self, now: float) -> None:
        try:
            document, had = await self.get(now)
            if self.told.sha256 and hashlib.sha256(document).hexdigest() != self.told.sha256:
                raise Unusable("another SHA-256 than in gateway.yaml")
            listed = await asyncio.to_thread(white_list.names, document, self.is_signed)
            if listed.domains != self.known.domains():
                say = self.log.warning if listed.unread else self.log.info
                say("white list", domains=len(listed.domains), unread=listed.unread)
            await asyncio.to_thread(white_list.keep, self.known.folder, listed.domains, had)
        except Unusable as error:
            self.log.warning("white list not had", why=str(error))
        except OSError as error:
            self.log.error("white list cannot be kept", why=error.strerror)
        else:
            self.due = now + self.every

    async def _announce(self, age: float | None, now: float) -> None:
        slot = now // DAY_SECONDS * DAY_SECONDS
        if await is_posted(self.database, slot, ANNOUNCED):
            return
        out = age is None or age > self.told.expired * DAY_SECONDS
        days = None if age is None else int(age // DAY_SECONDS)
        to = self.notices.of(DEFAULT).officers
        letter = alarm.white_list_old(days, out=out, now=now, sender=self.notices.sender, to=to)
        letters = [(letter, of_compartment(self.sealing, DEFAULT))] if letter else []
        if await post_once(self.database, letters, slot=slot, now=now, kind=ANNOUNCED):
            self.log.warning("white list stale", days=days, expired=out)


def from_file(path: Path) -> Callable[[float], Awaitable[tuple[bytes, float]]]:
    """As old as the file."""

    def read() -> tuple[bytes, float]:
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1), path.stat().st_mtime
        except OSError as error:
            raise Unusable(f"its file: {error.strerror}") from None

    async def get(now: float) -> tuple[bytes, float]:
        return await asyncio.to_thread(read)

    return get


def from_site(
    url: str, context: ssl.SSLContext
) -> Callable[[float], Awaitable[tuple[bytes, float]]]:
    async def get(now: float) -> tuple[bytes, float]:
        with contextlib.suppress(
            TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError
        ):
            async with asyncio.timeout(SECONDS):
                return await _document(url, context), now
        raise Unusable("its host did not give it")

    return get


async def _document(url: str, context: ssl.SSLContext) -> bytes:
    found = bytearray()
    async with (
        httpx.AsyncClient(verify=context, trust_env=False, timeout=SECONDS) as client,
        client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise Unusable(f"its host answers {answer.status_code}")
        async for piece in answer.aiter_raw():
            found += piece
            if len(found) > MAX_BYTES:
                raise Unusable("too big")
    return bytes(found)
