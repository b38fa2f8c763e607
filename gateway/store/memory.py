"""What was already done for a mail, so that a retry repeats nothing (DESIGN §2, promise 2).

One row a recipient, under HMAC(sender, recipient, digest of the content without its topmost
Received fields): Postfix dates a fresh one at each retry. Every new mail is looked up once, so
there is a shortcut: HMAC(sender, length of that content) is asked for first, and the content is
only digested where a row bears it, which is to say for retries.

A Receipt may quote the next hop, and the next hop may quote an address: it is kept encrypted,
under a key derived from `hmac.key`, since the doors must read it back.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, and_, bindparam, delete, or_, select, update

from gateway.errors import Temporary
from gateway.model import Mail, Receipt
from gateway.store import codec
from gateway.store.database import Database, insert
from gateway.store.hmac_key import honoured
from gateway.store.keys import keyed
from gateway.store.schema import memory

ANSWERED_SECONDS = 3600.0  # our 250 may have been lost on the way: MTAs retry well within
UNANSWERED_SECONDS = 10 * 86400.0  # twice Postfix's maximal_queue_lifetime
RECALL_SECONDS = 5.0  # a look-up by index; a database that takes longer is away
AWAY_SECONDS = 2.0  # for which it is not asked again: each of the next mails would wait, too
_DIGEST_HERE_BYTES = 256 * 1024  # 0.2 ms; more is digested in a thread

_BY_HINT = select(memory.c.key, memory.c.sealed).where(
    memory.c.hint == bindparam("hint"), memory.c.expires > bindparam("now")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One order carried out, as a row of the memory."""

    address: str = field(repr=False)
    key: str
    hint: str
    accepted: bool
    sealed: bytes


class Ledger:
    """Makes entries of receipts and reads them back; knows the key, not the database."""

    def __init__(self, hmac_key: bytes) -> None:
        self._hmac_key = hmac_key
        self._aead = AESGCM(bytes.fromhex(keyed(hmac_key, "memory key")))

    def hint(self, mail: Mail) -> str:
        length = len(mail.content) - past_received(mail.content)
        return keyed(self._hmac_key, "memory hint", _sender(mail), length.to_bytes(8, "big"))

    def keys(self, mail: Mail) -> dict[str, str]:
        """Recipient address -> key. Digests the content."""
        rest = memoryview(mail.content)[past_received(mail.content) :]
        digest = hashlib.sha256(rest).digest()
        return {
            address: keyed(self._hmac_key, "memory", _sender(mail), _bytes(address), digest)
            for address in mail.envelope.addresses
        }

    def entries(self, mail: Mail, receipts: Iterable[Receipt]) -> tuple[Entry, ...]:
        """Only what is settled: a 4yz receipt is an order still to be carried out, and what stays
        with a milter's MTA is still to be delivered."""
        settled = [r for r in receipts if not r.reply.temporary and r.reply.stay is None]
        if not settled:
            return ()
        hint, keys = self.hint(mail), self.keys(mail)
        return tuple(
            Entry(
                receipt.recipient,
                keys[receipt.recipient],
                hint,
                receipt.reply.accepted,
                self._seal(keys[receipt.recipient], receipt),
            )
            for receipt in settled
            if receipt.recipient in keys
        )

    def open(self, key: str, sealed: bytes) -> Receipt | None:
        """None for a damaged row: the order is then carried out again, never forgotten."""
        try:
            written = self._aead.decrypt(sealed[:12], sealed[12:], key.encode())
        except (InvalidTag, ValueError):
            return None
        return codec.load(Receipt, written)

    def _seal(self, key: str, receipt: Receipt) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, codec.dump(receipt), key.encode())


class StoreMemory:
    """gateway.ports.Memory on the database."""

    def __init__(
        self, database: Database, hmac_key: bytes, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._ledger, *self._former = map(Ledger, honoured(hmac_key))
        self._clock = clock
        self._away_until = 0.0  # on the monotonic clock

    async def recall(self, mail: Mail) -> dict[str, Receipt]:
        rows = await self._promptly(mail)
        if not rows:
            return {}
        found: dict[str, Receipt] = await _digested(mail, lambda: self._opened(mail, rows))
        return found

    def _opened(self, mail: Mail, rows: Mapping[str, bytes]) -> dict[str, Receipt]:
        """What was written under the current key stands before what was under a former one."""
        found: dict[str, Receipt] = {}
        for ledger in (*reversed(self._former), self._ledger):
            for address, key in ledger.keys(mail).items():
                receipt = ledger.open(key, rows[key]) if key in rows else None
                if receipt is not None:
                    found[address] = receipt
        return found

    def _keys(self, mail: Mail) -> tuple[str, ...]:
        """Of every row that there may be of this mail."""
        ledgers = (self._ledger, *self._former)
        return tuple(key for ledger in ledgers for key in ledger.keys(mail).values())

    async def remember(self, mail: Mail, receipts: Iterable[Receipt], *, answered: bool) -> None:
        settled = tuple(receipts)
        now = self._clock()
        entries = await _digested(mail, lambda: self._ledger.entries(mail, settled))
        keys: Sequence[str] = ()
        if answered and await self._rows(mail):
            keys = await _digested(mail, lambda: self._keys(mail))
        if not entries and not keys:
            return
        expires = now + (ANSWERED_SECONDS if answered else UNANSWERED_SECONDS)

        def work(connection: Connection) -> None:
            record(connection, entries, now, expires)
            if keys:  # what earlier tries left is honoured no longer than this one
                later = and_(memory.c.key.in_(keys), memory.c.expires > expires)
                connection.execute(update(memory).where(later).values(expires=expires))

        await self._database.write(work)

    async def forget(self, mail: Mail) -> None:
        if not await self._rows(mail):
            return
        keys = await _digested(mail, lambda: self._keys(mail))
        gone = delete(memory).where(memory.c.key.in_(keys))
        await self._database.write(lambda connection: connection.execute(gone))

    async def _promptly(self, mail: Mail) -> dict[str, bytes]:
        """Raises Temporary soon where the store is away: a mail has one deadline for all."""
        if time.monotonic() < self._away_until:
            raise Temporary("store away")
        try:
            return await self._rows(mail)
        except Temporary:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise

    async def _rows(self, mail: Mail) -> dict[str, bytes]:
        rows: list[Any] = []
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                for ledger in (self._ledger, *self._former):
                    values = {"hint": ledger.hint(mail), "now": self._clock()}
                    rows += await self._database.glance(_BY_HINT, values)
        except TimeoutError:
            raise Temporary("store away") from None
        return {key: bytes(sealed) for key, sealed in rows}


def record(
    connection: Connection, entries: Sequence[Entry], now: float, expires: float
) -> frozenset[str]:
    """Write the entries. Addresses for which an order already stands: the first one stands.

    A refusal gives way to an order carried out: the copy it refused was kept after all.
    """
    standing = set()
    upsert = _upsert(connection.dialect.name)
    for entry in sorted(entries, key=lambda each: each.key):  # one order: no deadlock of nodes
        values = {
            "a_key": entry.key,
            "a_hint": entry.hint,
            "is_accepted": entry.accepted,
            "a_receipt": entry.sealed,
            "until": expires,
            "now": now,
        }
        if connection.execute(upsert, values).first() is None:
            standing.add(entry.address)
    return frozenset(standing)


@cache
def _upsert(dialect: str) -> Any:
    new = insert(dialect, memory).values(
        key=bindparam("a_key"),
        hint=bindparam("a_hint"),
        accepted=bindparam("is_accepted"),
        sealed=bindparam("a_receipt"),
        expires=bindparam("until"),
    )
    columns = ("accepted", "sealed", "expires")
    return new.on_conflict_do_update(
        index_elements=[memory.c.key],
        set_={name: new.excluded[name] for name in columns},
        where=or_(
            memory.c.expires <= bindparam("now"), and_(~memory.c.accepted, new.excluded.accepted)
        ),
    ).returning(memory.c.key)


def past_received(content: bytes) -> int:
    """Where the content begins after the Received fields at its very top, folded lines included."""
    start = 0
    while content[start : start + 9].lower() == b"received:":
        end = content.find(b"\n", start)
        while end != -1 and content[end + 1 : end + 2] in (b" ", b"\t"):
            end = content.find(b"\n", end + 1)
        if end == -1:
            return len(content)
        start = end + 1
    return start


async def _digested(mail: Mail, compute: Callable[[], Any]) -> Any:
    if len(mail.content) <= _DIGEST_HERE_BYTES:
        return compute()
    return await asyncio.to_thread(compute)


def _sender(mail: Mail) -> bytes:
    return _bytes(mail.envelope.sender)


def _bytes(address: str) -> bytes:
    return address.encode("utf-8", "surrogatepass")
