"""What waits on the portal, and who may open it.

    link   ─derive─▶ id of the row, key that opens `sealed_key`, key that a code is hashed under
    cookie ─derive─▶ id of the session, key that opens the session's `sealed_key`
    own    ─derive─▶ id for the sender's page, key that opens `for_sender`

The content's key is kept under the link and, while a session lasts, under its cookie: both are
with mailboxes and browsers, neither is here. So whoever steals the store reads nothing of what
waits, nor can he try codes, whose hashes are keyed by the link. What senders must be told goes into
`news`, sealed to the officers' key, which the portal does not have.

A code opens one session. Wrong ones shut the parcel for a while, then for good.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from gateway.errors import Temporary
from gateway.parcel import KEY_BYTES, Box, Parcel, new_token
from gateway.store import codec, vault
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.keys import SealingKey, of_compartment
from gateway.store.parcel_parts import (
    NEWS,
    PARTIES,
    End,
    ForSender,
    News,
    Parties,
    close,
    identity,
    opened,
    root_of,
    tell,
    under,
)
from gateway.store.portal_tables import parcels, sessions

WRONG_BEFORE_PAUSE = 5
PAUSE_SECONDS = 15 * 60.0
MOST_WRONG = 15  # of a hundred million codes; then the sender must send anew
MOST_CODES = 6  # asked for
BETWEEN_CODES_SECONDS = 60.0
SMS_CODE_SECONDS = 10 * 60.0
SESSION_SECONDS = 4 * 3600.0  # time to read, find a file and answer
MOST_REPLIES = 10
_CONTENT = b"parcel content"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that can be opened, before anybody has proved anything.

    phone: a code can be sent there. ready: there is a code to try. paused: too many were wrong.
    locked: for good. may_ask: for another code. spent: it was opened before, and asks for another.
    """

    id: str
    about: str
    until: float
    phone: bool
    ready: bool
    paused: bool
    locked: bool
    may_ask: bool
    spent: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """By a session. key: of its content. box: None where the gateway has none for anybody."""

    id: str
    about: str
    compartment: str
    until: float
    blob: str
    session: str
    key: bytes = field(repr=False)
    box: Box | None = None


class Parcels:
    """As the door keeps them and their recipients open them. keys: the officers' public ones, for
    what only the release process is to read."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        keys: Sequence[SealingKey],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._keys = tuple(keys)
        self._clock = clock

    def sealed(
        self,
        parcel: Parcel,
        parties: Parties,
        compartment: str,
        box: Box | None = None,
        phone: str = "",
    ) -> dict[str, Any]:
        """Write the content, unless a twin of this parcel did; the row that opens it. phone: of its
        recipient, where it is known. Blocking."""
        package, phone_key = parcel.package, os.urandom(KEY_BYTES)
        with suppress(FileExistsError):
            self._blobs.write(package.name, vault.encrypt(package.key, _CONTENT, package.content))
        link = root_of(parcel.link)
        for_sender = codec.dump(ForSender(parcel.recipient, phone_key))
        officers = of_compartment(self._keys, compartment)
        return {
            "id": identity(link),
            "own": identity(root_of(parcel.own)),
            "about": parcel.mail.id,
            "compartment": compartment,
            "blob": package.name,
            "made": self._clock(),
            "until": parcel.until,
            "how": "",
            "sealed_key": under(link, b"key", package.key + phone_key + _dumped(box)),
            "for_sender": under(root_of(parcel.own), b"for sender", for_sender),
            "parties": vault.seal(codec.dump(parties), officers, PARTIES),
            "phone": under(phone_key, b"phone", phone.encode()) if phone else None,
            "code": _hashed(link, parcel.code),
            "wrong": 0,
            "shut_until": 0.0,
            "codes": 0,
            "asked": 0.0,
            "replies": 0,
        }

    async def keep(self, row: dict[str, Any]) -> None:
        """What `sealed` made; durable on return."""

        def work(connection: Connection) -> None:
            if not self._blobs.still_has(row["blob"], connection):
                raise Temporary("store unavailable")  # we waited for so long that it was swept
            connection.execute(insert(parcels).values(row))

        await self._database.write(work)

    async def sent(self, link: str) -> None:
        """The mail that carries it was taken by the next hop."""
        ours = parcels.c.id == identity(root_of(link))
        sent = update(parcels).where(ours).values(sent=self._clock())
        await self._database.write(lambda connection: connection.execute(sent))

    async def withdraw(self, link: str) -> None:
        """It was refused: nobody has the link."""
        now = self._clock()
        still = _open(root_of(link), now).with_for_update()

        def work(connection: Connection) -> None:
            row = connection.execute(still).one_or_none()
            if row is not None:
                close(connection, row, End.UNSENT, now)

        await self._database.write(work)

    async def find(self, link: str) -> Waiting | None:
        """None for whatever cannot be opened, and never why."""
        row = await self._row(link)
        return None if row is None else _waiting(row, self._clock())

    async def prove(self, link: str, code: str) -> str | None:
        """A cookie for `enter`, where the code is right. It is spent: the next session asks for
        another. A wrong one is counted before anything else can be tried."""
        root, now, cookie = root_of(link), self._clock(), new_token()

        def work(connection: Connection) -> bool:
            row = connection.execute(_open(root, now).with_for_update()).one_or_none()
            if row is None or not _waiting(row, now).ready:
                return False
            if not hmac.compare_digest(row.code, _hashed(root, code)):
                _count_wrong(connection, row, now)
                return False
            _begin_session(connection, row, cookie, root, now)
            return True

        return cookie if await self._database.write(work) else None

    async def admit(self, link: str) -> str | None:
        """A cookie for whoever proved otherwise, by his passkey, who he is. None while wrong codes
        keep everybody out."""
        root, now, cookie = root_of(link), self._clock(), new_token()

        def work(connection: Connection) -> bool:
            row = connection.execute(_open(root, now).with_for_update()).one_or_none()
            if row is None or row.shut_until > now or row.wrong >= MOST_WRONG:
                return False
            _begin_session(connection, row, cookie, root, now)
            return True

        return cookie if await self._database.write(work) else None

    async def enter(self, identity_: str, cookie: str) -> Opened | None:
        now, root = self._clock(), root_of(cookie)
        ours = and_(sessions.c.id == identity(root), sessions.c.parcel == identity_)
        query = (
            select(parcels, sessions.c.id.label("session"), sessions.c.sealed_key.label("mine"))
            .join(sessions, sessions.c.parcel == parcels.c.id)
            .where(ours, sessions.c.ends > now, parcels.c.how == "", parcels.c.until > now)
        )
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        if row is None:
            return None
        mine = opened(root, b"session", bytes(row.mine))
        return Opened(
            row.id,
            row.about,
            row.compartment,
            row.until,
            row.blob,
            row.session,
            mine[:KEY_BYTES],
            _box(mine[KEY_BYTES:]),
        )

    def content(self, parcel: Opened) -> bytes:
        """The message as it came. Blocking; in memory whole. Raises OSError, CannotOpen."""
        with self._blobs.open(parcel.blob) as stream:
            return vault.decrypt(parcel.key, _CONTENT, stream)

    async def leave(self, parcel: Opened) -> None:
        gone = delete(sessions).where(sessions.c.id == parcel.session)
        await self._database.write(lambda connection: connection.execute(gone))

    async def ask(self, link: str, code: str, *, by_phone: bool) -> str | None:
        """Another code in place of the one there may be. The number to send it to, where it goes by
        telephone; "" where its sender is told; None where there are no more to be had now."""
        root, now = root_of(link), self._clock()

        def work(connection: Connection) -> str | None:
            row = connection.execute(_open(root, now).with_for_update()).one_or_none()
            if row is None or not _waiting(row, now).may_ask:
                return None
            phone = ""
            if by_phone:
                if row.phone is None:
                    return None
                both = _keys_of(row, root)
                phone = opened(both[KEY_BYTES : 2 * KEY_BYTES], b"phone", bytes(row.phone)).decode()
            else:
                tell(connection, News.CODE, row, now, self._to_officers(row.compartment, code))
            values = {
                "code": _hashed(root, code),
                "code_until": now + SMS_CODE_SECONDS if by_phone else None,
                "codes": row.codes + 1,
                "asked": now,
            }
            connection.execute(update(parcels).where(parcels.c.id == row.id).values(values))
            return phone

        return await self._database.write(work)

    async def box(self, link: str) -> Box | None:
        """Of whoever has this link."""
        row = await self._row(link)
        return None if row is None else _box(_keys_of(row, root_of(link))[2 * KEY_BYTES :])

    async def refuse(self, link: str) -> bool:
        """ "This is not for me": nobody opens it any more."""
        return await self._refuse(identity(root_of(link)))

    async def refuse_opened(self, parcel: Opened) -> bool:
        """The same, of whoever sees only then that it is not for him."""
        return await self._refuse(parcel.id)

    async def _refuse(self, identity_: str) -> bool:
        now = self._clock()
        still = _still(now).where(parcels.c.id == identity_).with_for_update()

        def work(connection: Connection) -> bool:
            row = connection.execute(still).one_or_none()
            if row is None:
                return False
            close(connection, row, End.REFUSED, now)
            unread = row.opened is None
            tell(connection, News.REFUSED if unread else News.REFUSED_READ, row, now)
            return True

        return await self._database.write(work)

    async def reply(self, parcel: Opened, answer: bytes) -> bool:
        """Hand an answer to the release process. False where there were too many, or the parcel was
        closed while they were written."""
        sealed = vault.seal(answer, of_compartment(self._keys, parcel.compartment), NEWS)
        return await self._said(parcel, News.REPLY, sealed)

    async def chose(self, parcel: Opened) -> bool:
        """Have its sender told that there is a password now. False as for an answer: nobody makes
        us write letters without end."""
        return await self._said(parcel, News.CHOSEN, None)

    async def _said(self, parcel: Opened, what: News, sealed: bytes | None) -> bool:
        now = self._clock()
        ours = and_(parcels.c.id == parcel.id, parcels.c.replies < MOST_REPLIES)
        counted = (
            update(parcels).where(ours, parcels.c.how == "").values(replies=parcels.c.replies + 1)
        )

        def work(connection: Connection) -> bool:
            if not connection.execute(counted).rowcount:
                return False
            row = connection.execute(select(parcels).where(parcels.c.id == parcel.id)).one()
            tell(connection, what, row, now, sealed)
            return True

        return await self._database.write(work)

    def _to_officers(self, compartment: str, text: str) -> bytes:
        return vault.seal(text.encode(), of_compartment(self._keys, compartment), NEWS)

    async def _row(self, link: str) -> Any:
        query = _open(root_of(link), self._clock())
        return await self._database.read(lambda c: c.execute(query).one_or_none())


def _hashed(link: bytes, code: str) -> str:
    key = vault.derived(link, b"portal code")
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def _open(root: bytes, now: float) -> Any:
    return _still(now).where(parcels.c.id == identity(root))


def _still(now: float) -> Any:
    """Those that can be opened."""
    return select(parcels).where(parcels.c.how == "", parcels.c.until > now)


def _waiting(row: Any, now: float) -> Waiting:
    paused, locked = row.shut_until > now, row.wrong >= MOST_WRONG
    valid = row.code is not None and (row.code_until is None or row.code_until > now)
    more = row.codes < MOST_CODES and row.asked + BETWEEN_CODES_SECONDS <= now
    return Waiting(
        row.id,
        row.about,
        row.until,
        phone=row.phone is not None,
        ready=valid and not (paused or locked),
        paused=paused,
        locked=locked,
        may_ask=more and not (paused or locked),
        spent=row.opened is not None and not valid,
    )


def _count_wrong(connection: Connection, row: Any, now: float) -> None:
    wrong = row.wrong + 1
    values: dict[str, Any] = {"wrong": wrong}
    if wrong % WRONG_BEFORE_PAUSE == 0:
        values["shut_until"] = now + PAUSE_SECONDS
    if wrong >= MOST_WRONG:
        values["code"] = None
        tell(connection, News.LOCKED, row, now)
    connection.execute(update(parcels).where(parcels.c.id == row.id).values(values))


def _keys_of(row: Any, link: bytes) -> bytes:
    """Of the content, of the number; then the box, where there is one."""
    return opened(link, b"key", bytes(row.sealed_key))


def _dumped(box: Box | None) -> bytes:
    return b"" if box is None else codec.dump(box)


def _box(dumped: bytes) -> Box | None:
    return codec.load(Box, dumped) if dumped else None


def _begin_session(connection: Connection, row: Any, cookie: str, link: bytes, now: float) -> None:
    root, keys = root_of(cookie), _keys_of(row, link)
    spent = {"code": None, "opened": row.opened or now}
    connection.execute(update(parcels).where(parcels.c.id == row.id).values(spent))
    connection.execute(delete(sessions).where(sessions.c.ends <= now))
    session = {
        "id": identity(root),
        "parcel": row.id,
        "sealed_key": under(root, b"session", keys[:KEY_BYTES] + keys[2 * KEY_BYTES :]),
        "ends": min(now + SESSION_SECONDS, row.until),
    }
    connection.execute(insert(sessions).values(session))
    if row.opened is None:
        tell(connection, News.OPENED, row, now)
