"""gateway.ports.Custody on the store: what a 250 answers for once we hold the copy.

    seal -> blob written and fsynced -> one transaction: memory, hold, copies, letters, event

Killed before the commit, nothing is held, the client has no answer and tries again; the blob is
nobody's and `gateway.retain` removes it. After the commit all of it stands, the memory too, so
that a client who lost our answer does not have its mail held twice.
"""

from __future__ import annotations

import time
from asyncio import get_running_loop
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select

from gateway.errors import Misconfigured, Temporary
from gateway.model import Disposition, Letter, Mail, Receipt
from gateway.ports import Hold
from gateway.store import codec, memory, message_id, prints, rank, vault
from gateway.store.blobs import Blobs, new_name
from gateway.store.database import Database, insert
from gateway.store.dossier import Dossier
from gateway.store.events import note
from gateway.store.keys import SealingKey, address_hash, address_hashes, of_compartment
from gateway.store.outbox import drop_parked, park_letters, put_letters, sealed_letters
from gateway.store.schema import State, accounts, copies, holds, waits

SEALERS = 8  # threads: they wait for the disk most of the time
FRESH_SECONDS = 1800.0  # between seal and commit; after an hour, the sweep may have had the blob
CONTENT, DOSSIER = b"content", b"dossier"  # two streams, under one key or each under its own
_INSERT_COPY = copies.insert()
_INSERT_WAIT = waits.insert()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A hold ready to be committed: its blob is durable. row: of `holds`, but for the id."""

    row: dict[str, Any]
    copies: tuple[dict[str, Any], ...]
    addresses: tuple[str, ...]
    letters: tuple[dict[str, Any], ...]
    entries: tuple[memory.Entry, ...]
    sender: tuple[str, ...]  # its hashes under the former keys
    wait: dict[str, Any] | None = None  # of `waits`, but for the id


class StoreCustody:
    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        *,
        clock: Callable[[], float] = time.time,
        compartment_of: Callable[[str], str] = lambda sender: "default",
        content_keys: Mapping[str, Sequence[SealingKey]] = MappingProxyType({}),
    ) -> None:
        """compartment_of: a sender's, whose keys letters to him are sealed to. content_keys: of
        each compartment whose contents officers' sign-ins unlock."""
        if not keys:
            raise Misconfigured("no key to seal held mail to")
        self._database = database
        self._blobs = blobs
        self._keys = tuple(keys)
        self._hmac_key = hmac_key
        self._ledger = memory.Ledger(hmac_key)
        self._clock = clock
        self._compartment_of = compartment_of
        self._content_keys = content_keys
        self._sealers = ThreadPoolExecutor(SEALERS, thread_name_prefix="store-sealer")

    def close(self) -> None:
        """What was begun is still sealed."""
        self._sealers.shutdown()

    async def hold(
        self, mail: Mail, hold: Hold, letters: Sequence[Letter], receipts: Sequence[Receipt]
    ) -> None:
        now = self._clock()
        kept = await self._in_thread(lambda: self._keep(mail, hold, letters, receipts, now))
        name = kept.row["blob"]

        def work(connection: Connection) -> bool:
            late = self._clock() - now > FRESH_SECONDS
            if late or not self._blobs.still_has(name, connection):
                raise Temporary("store unavailable")
            return _commit(connection, mail.id, kept, now)

        if not await self._database.write(work):
            # Certain that no row names it. After a failure nothing is certain: it is left alone.
            await self._in_thread(lambda: self._blobs.delete([name]))

    async def park(self, letters: Sequence[Letter]) -> Sequence[int]:
        now = self._clock()
        rows = await self._in_thread(lambda: self._sealed(letters))
        return await self._database.write(lambda connection: park_letters(connection, rows, now))

    async def post(
        self,
        mail: Mail,
        letters: Sequence[Letter],
        receipts: Sequence[Receipt],
        instead_of: Sequence[int] = (),
    ) -> None:
        now = self._clock()
        rows, entries = await self._in_thread(
            lambda: (self._sealed(letters), self._ledger.entries(mail, receipts))
        )

        def work(connection: Connection) -> None:
            memory.record(connection, entries, now, now + memory.UNANSWERED_SECONDS)
            put_letters(connection, rows, now)
            drop_parked(connection, instead_of)

        await self._database.write(work)

    def _keep(
        self,
        mail: Mail,
        hold: Hold,
        letters: Sequence[Letter],
        receipts: Sequence[Receipt],
        now: float,
    ) -> _Kept:
        keys = self._keys_of(hold.compartment)
        if not keys:
            raise Temporary("no sealing key for this compartment")
        name = new_name()
        key, wrapped = vault.wrap(keys, context_of(name))
        of_content, apart = self._content_key(hold.compartment, name) or (key, None)
        lent = vault.wrapped_for(of_content, keys, content_context_of(name)) if apart else None
        seen = prints.veiled(hold.inspection, of_content) if apart else hold.inspection
        dossier = codec.dump(Dossier.of(mail, replace(hold, inspection=seen)))
        row = self._row(mail, hold, now) | {
            "blob": name,
            "sealed_key": wrapped,
            "content_key": apart,
            "release_key": lent if hold.wait else None,  # no officer is asked before it leaves
            "dossier": b"".join(vault.encrypt(key, DOSSIER, dossier)),
        }
        kept = _Kept(
            row,
            self._copies(hold, now),
            tuple(recipient.address for recipient in hold.recipients),
            sealed_letters(letters, keys),
            self._ledger.entries(mail, receipts),
            address_hashes(self._hmac_key, mail.envelope.sender)[1:],
            _wait(hold),
        )
        self._blobs.write(name, vault.encrypt(of_content, CONTENT, mail.content))
        return kept

    def _content_key(self, compartment: str, blob: str) -> tuple[bytes, bytes] | None:
        """One of the content's own, wrapped; None where it shares the dossier's."""
        if compartment not in self._content_keys:
            return None
        if not self._content_keys[compartment]:
            raise Temporary("no content key for this compartment")
        return vault.wrap(self._content_keys[compartment], content_context_of(blob))

    def _row(self, mail: Mail, hold: Hold, now: float) -> dict[str, Any]:
        return {
            "size": len(mail.content),
            "received": mail.received,
            "held": now,
            "door": mail.door,
            "queue_id": _plain(mail.client.queue_id),
            "message_hash": message_id.of_mail(self._hmac_key, mail.content),
            "rule": hold.rule,
            "compartment": hold.compartment,
            "hidden": hold.hidden,
            "grave": hold.grave,
            "rank": rank.of(hold.inspection),
            "remind": hold.remind,
            "until": hold.until,
            "awaits": hold.wait.kind.value if hold.wait else "",
            "sender_domain": domain_of(mail.envelope.sender),
            "sender_hash": address_hash(self._hmac_key, mail.envelope.sender),
        }

    def _copies(self, hold: Hold, now: float) -> tuple[dict[str, Any], ...]:
        return tuple(
            {
                "position": position,
                "state": State.HELD,
                "changed": now,
                "domain": domain_of(recipient.address),
                "address_hash": address_hash(self._hmac_key, recipient.address),
                "after": hold.wait.after[position].value if hold.wait else Disposition.PASS.value,
            }
            for position, recipient in enumerate(hold.recipients)
        )

    def _keys_of(self, compartment: str) -> tuple[SealingKey, ...]:
        return tuple(key for key in self._keys if key.compartment == compartment)

    def _sealed(self, letters: Sequence[Letter]) -> tuple[dict[str, Any], ...]:
        """Each for the compartment of the one who reads it: a sender of ours."""
        return tuple(
            row
            for letter in letters
            for whose in [self._compartment_of(letter.recipients[0].address)]
            for row in sealed_letters([letter], of_compartment(self._keys, whose))
        )

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        try:
            return await get_running_loop().run_in_executor(self._sealers, work)
        except OSError as error:  # disk full, read-only, failing
            raise Temporary("store unavailable") from error


def context_of(blob: str) -> bytes:
    """Binds a hold's key to its blob, whose name is in the row."""
    return b"hold " + blob.encode("ascii")


def content_context_of(blob: str) -> bytes:
    """The same of a key that opens its content alone."""
    return b"content " + blob.encode("ascii")


def domain_of(address: str) -> str:
    """What of an address may stand in clear."""
    return _plain(address.rpartition("@")[2].lower()) if "@" in address else ""


def _commit(connection: Connection, mail: str, kept: _Kept, now: float) -> bool:
    """False where an earlier try of this very mail saw to every copy, and nothing was written."""
    until = now + memory.UNANSWERED_SECONDS
    settled = memory.record(connection, kept.entries, now, until)
    ours = [
        copy
        for copy, address in zip(kept.copies, kept.addresses, strict=True)
        if address not in settled
    ]
    if not ours:
        return False
    hold = _insert_under_free_id(connection, mail, kept.row | _as_known(connection, kept))
    connection.execute(_INSERT_COPY, [copy | {"hold_id": hold} for copy in ours])
    if kept.wait:
        connection.execute(_INSERT_WAIT, kept.wait | {"hold_id": hold})
    put_letters(connection, kept.letters, now)
    said = {name: kept.row[name] for name in ("hidden", "awaits") if kept.row[name]}
    note(connection, "held", now, hold, counts={"recipients": len(ours)} | said)
    return True


def _wait(hold: Hold) -> dict[str, Any] | None:
    if hold.wait is None:
        return None
    told = ("due", "unanswered", "reviewers", "quorum", "further")
    return {"kind": hold.wait.kind.value} | {name: getattr(hold.wait, name) for name in told}


def _as_known(connection: Connection, kept: _Kept) -> dict[str, str]:
    """The sender under the hash that an account has for its own, though it be of a former key: by
    that the console sees that nobody rules on his own mail."""
    if not kept.sender:
        return {}
    query = select(accounts.c.address_hash).where(accounts.c.address_hash.in_(kept.sender))
    known = connection.execute(query.limit(1)).scalar_one_or_none()
    return {"sender_hash": known} if known else {}


def _insert_under_free_id(connection: Connection, mail: str, row: dict[str, Any]) -> str:
    """The mail's code; with ".2" and so on where a hold bears it already: the same mail held for
    others of its recipients by another rule, or (40 bits are few) a mail of the same code."""
    number = 1
    while True:
        hold = mail if number == 1 else f"{mail}.{number}"
        if connection.execute(_insert_hold(connection.dialect.name), row | {"id": hold}).first():
            return hold
        number += 1


@cache
def _insert_hold(dialect: str) -> Any:
    return insert(dialect, holds).on_conflict_do_nothing().returning(holds.c.id)


def _plain(text: str) -> str:
    """What a client says of itself, fit for a column: neither NUL (PostgreSQL) nor surrogates."""
    return "".join(character for character in text[:255] if character.isprintable())
