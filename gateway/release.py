"""The way back: the officer's ruling, to the next hop or to nowhere.

    outbox ─lease─▶ open with the private key ─▶ relay ─▶ done | try again later | give up

The release process is the only one that opens what is sealed. It drains the outbox (released mails,
notices, reports); what is due by the clock is `gateway.clockwork`. Everything is leased from the
store, so that a kill at any instant leaves the work to be taken up again; a second copy is possible
only between a next hop's 250 and our record of it, and bears the same Message-ID.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import structlog

from gateway.act.bundle import Line, bundle
from gateway.act.notice import Case, Notices
from gateway.act.queued import queued_as
from gateway.errors import NoChannel, Temporary
from gateway.model import (
    Disposition,
    Envelope,
    Inspection,
    Letter,
    Mail,
    Recipient,
    Reply,
    Verdict,
)
from gateway.ports import Action, Delivery, Relay
from gateway.store.bundles import BUNDLED, NOTICE, QUESTION, Bundles, Waiting
from gateway.store.held import Held
from gateway.store.holds import Holds
from gateway.store.keys import DEFAULT, OpeningKey, SealingKey, of_compartment
from gateway.store.outbox import ENCRYPTED, Item, Outbox
from gateway.watch.log import where

T = TypeVar("T")

POLL_SECONDS = 1.0  # how long a released mail waits before we look; an empty look is cheap
LEASE_SECONDS = 300.0  # longer than any transaction: then another process may take the item up
ATTEMPT_SECONDS = 120.0
ROUND = 8  # items a look, all in memory at once, and a mail may have 50 MB
LOCKED_SECONDS = 3600.0  # between two tries to open what no key here opens
PATIENCE_SECONDS = (0.1, 1.0, 5.0, 15.0)  # pauses: what a next hop took must be written down

_LOCKED = Reply(451, "4.7.0", ("no key here opens it",))
_NOTHING_LEFT = Reply(250, "2.0.0", ("nothing left to send",))
_UNHEARD = Delivery(Reply(451, "4.3.0", ("not heard of",)), "")
_NO_CHANNEL = Delivery(Reply(550, "5.7.10", ("no channel fits any more",)), "")


@dataclass(frozen=True, slots=True)
class Sending:
    """What an item comes to once opened: one transaction, and the recipients it serves.

    positions: address -> where it stands in the item; several where somebody was named twice.
    mail: what was held; None of a letter of ours. order: how that one goes, encrypted or passed on.
    """

    envelope: Envelope
    content: tuple[bytes, ...]
    route: str
    positions: Mapping[str, tuple[int, ...]]
    mail: Mail | None = None
    order: Disposition = Disposition.PASS

    def of(self, addresses: Sequence[str]) -> set[int]:
        return {position for address in addresses for position in self.positions[address]}


@dataclass(slots=True)
class Release:
    """opening: private keys; sealing: public ones, for bundled letters. owner: "host:pid".
    ticket: what opens a hold's page, of (hold, readers): "" unless its sender is among them.
    encrypt: carries out rulings that ask for a protected way; None: there is none. passing: those
    that do not; None: by the relay, as it is. learn: told of (sender, recipients) that had it."""

    outbox: Outbox
    holds: Holds
    bundles: Bundles
    relay: Relay
    notices: Notices
    opening: Sequence[OpeningKey]
    sealing: Sequence[SealingKey]
    log: structlog.BoundLogger
    owner: str
    clock: Callable[[], float] = time.time
    patience: Sequence[float] = PATIENCE_SECONDS
    ticket: Callable[[Held, Sequence[str]], str] = lambda held, readers: ""
    learn: Callable[[str, Sequence[str]], None] = lambda sender, recipients: None
    encrypt: Action | None = None
    passing: Action | None = None
    bundling: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, stopping: asyncio.Event, clockwork: Callable[[], Awaitable[None]]) -> None:
        """Until told to stop. clockwork: what is due by the clock, called between two looks."""
        while not stopping.is_set():
            busy = False
            try:
                busy = await self.drain() == ROUND
            except Exception as error:  # the store is away: what waits there is safe
                self.log.error("release deferred", **where(error))
            try:
                await clockwork()
            except Exception as error:
                self.log.error("clockwork deferred", **where(error))
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), POLL_SECONDS)

    async def drain(self) -> int:
        """Send what is due; how many items were taken up."""
        if not (await self.outbox.counts()).waiting:
            return 0
        items = await self.outbox.lease(ROUND, self.clock(), self.owner, LEASE_SECONDS)
        await asyncio.gather(*(self._serve_one(item) for item in items))
        return len(items)

    async def _serve_one(self, item: Item) -> None:
        """One item's failure is not its neighbours'; its lease runs out, and it comes again."""
        try:
            await self._serve(item)
        except Exception as error:
            self.log.error("item deferred", item=item.id, kind=item.kind, **where(error))

    async def _serve(self, item: Item) -> None:
        try:
            sending = await self._open(item)
        except Temporary:
            await self._again(item, _UNHEARD)
            return
        except Exception as error:  # another's key, or damaged: it waits for whoever can open it
            self.log.error(
                "cannot be opened", item=item.id, kind=item.kind, about=item.about, **where(error)
            )
            await self.outbox.retry(item, self.clock() + LOCKED_SECONDS, _LOCKED)
            return
        if sending is None:
            await self.outbox.done(item, _NOTHING_LEFT)
        elif item.kind not in (NOTICE, QUESTION, BUNDLED) or await self._may_go(
            item, sending.envelope.addresses
        ):
            await self._send(item, sending)

    async def _open(self, item: Item) -> Sending | None:
        if not item.is_release:
            letter = item.letter(self.opening)
            envelope = Envelope(letter.sender, letter.recipients)
            return _sending(item, envelope, (letter.content,), letter.route)
        opened = await self.holds.open(item.hold, self.opening, unseen=True, ordered=True)
        if opened is None:
            return None
        mail = opened.mail
        sending = _sending(item, mail.envelope, (mail.trace, mail.content), "default")
        order = Disposition.ENCRYPT if item.route == ENCRYPTED else Disposition.PASS
        return replace(sending, mail=replace(mail, envelope=sending.envelope), order=order)

    async def _may_go(self, item: Item, to: Sequence[str]) -> bool:
        """Beyond so many notices an hour, a person is told of the others in one letter."""
        person = self.bundles.person(to)
        if item.kind == BUNDLED:
            async with self.bundling:  # all that were put off with this one fall due with it
                waiting = await self.bundles.waiting(person)
                if len(waiting) != 1:
                    await self._bundle(waiting, to, person)
                    return False
        return await self.bundles.admit(item, person, self.clock())

    async def _bundle(self, waiting: Sequence[Waiting], to: Sequence[str], person: str) -> None:
        if not waiting:
            return  # a neighbour bundled this one, too
        now = self.clock()
        abouts = dict.fromkeys(one.about for one in waiting)
        lines = [await self._line(about, to) for about in abouts]
        since = min(one.created for one in waiting)
        first = await self.holds.get(waiting[0].about)
        whose = first.compartment if first else DEFAULT
        letter = bundle(self.notices.of(whose), lines, to, since=since, now=now)
        keys = of_compartment(self.sealing, whose)
        if await self.bundles.replace(waiting, letter, keys, person, now):
            self.log.info("bundled", notices=len(waiting))

    async def _line(self, about: str, to: Sequence[str]) -> Line:
        held = await self.holds.get(about)
        if held is None:
            return Line(about)
        asks = held.awaits == Disposition.CONFIRM
        return Line(about, held.state.value, held.until, self.ticket(held, to), asks)

    async def _send(self, item: Item, sending: Sending) -> None:
        heard = await self._hand_over(sending)
        deliveries = {a: heard.get(a, _UNHEARD) for a in sending.envelope.addresses}
        served = [a for a, d in deliveries.items() if d.reply.accepted]
        refused = [a for a, d in deliveries.items() if d.reply.refused]
        waiting = [a for a, d in deliveries.items() if a not in served and a not in refused]
        if served:
            last = deliveries[served[-1]]
            self._say("sent", item, last)
            if item.is_release:
                self.learn(sending.envelope.sender, served)
            letters, keys = await self._told(item, sending, served)
            await self._patiently(
                lambda: self.outbox.done(
                    item,
                    last.reply,
                    sending.of(served),
                    letters,
                    keys,
                    queued=queued_as(last.reply),
                )
            )
        if refused:
            await self._give_up(item, deliveries[refused[0]], sending.of(refused))
        if waiting:
            await self._again(item, deliveries[waiting[0]])

    async def _hand_over(self, sending: Sending) -> Mapping[str, Delivery]:
        """To the next hop, encrypted first where the ruling says so: never in clear instead."""
        deadline = asyncio.get_running_loop().time() + ATTEMPT_SECONDS
        passed = sending.order is Disposition.PASS
        if sending.mail is None or (passed and self.passing is None):
            return await self.relay.send(
                sending.envelope, sending.content, deadline=deadline, route=sending.route
            )
        verdicts = [Verdict(a, sending.order) for a in sending.envelope.addresses]
        mail = replace(sending.mail, deadline=deadline)
        action = self.passing if passed else self.encrypt
        try:
            if action is None:
                raise NoChannel(sending.envelope.addresses)
            receipts = await action(mail, verdicts, Inspection())
        except NoChannel as none:  # back to the officer; the others are tried again
            return dict.fromkeys(none.recipients, _NO_CHANNEL)
        except Temporary:
            return {}
        return {
            one.recipient: Delivery(one.reply, one.detail.partition(" ")[0]) for one in receipts
        }

    async def _told(
        self, item: Item, sending: Sending, served: Sequence[str]
    ) -> tuple[list[Letter], Sequence[SealingKey]]:
        """Word to the sender that his mail has left after all, and the keys of its compartment."""
        held = await self.holds.get(item.hold) if item.is_release else None
        if held is None:
            return [], ()
        sender = sending.envelope.sender
        case = Case(held.id, held.received, held.rule, 0, held.until, sender, tuple(served))
        became = "envoyé chiffré" if sending.order is Disposition.ENCRYPT else "envoyé"
        letter = self.notices.released(case, self.clock(), became)
        return ([letter] if letter else []), of_compartment(self.sealing, held.compartment)

    async def _patiently(self, write: Callable[[], Awaitable[T]]) -> T:
        """What was sent and is not written down would be sent again once the lease runs out."""
        for pause in self.patience:
            try:
                return await write()
            except Temporary:
                await asyncio.sleep(pause)
        return await write()

    async def _again(self, item: Item, why: Delivery) -> None:
        after = item.next_try(self.clock())
        if after is None:
            await self._give_up(item, why)
        else:
            self._say("put off", item, why)
            await self.outbox.retry(item, after, why.reply)

    async def _give_up(self, item: Item, why: Delivery, positions: set[int] | None = None) -> None:
        """A release goes back to the officers' queue, and they are reminded of it; a letter is
        lost to its reader: loudly, for it may have told the secret of a mail that is gone."""
        self._say("given up", item, why, self.log.error)
        await self._patiently(lambda: self.outbox.give_up(item, why.reply, positions=positions))

    def _say(
        self, what: str, item: Item, why: Delivery, say: Callable[..., object] | None = None
    ) -> None:
        (say or self.log.info)(
            what,
            item=item.id,
            kind=item.kind,
            id=item.hold or item.about,
            attempt=item.attempt,
            hop=why.hop,
            reply=f"{why.reply.code} {why.reply.enhanced}".strip(),
            queued=queued_as(why.reply),
        )


def _sending(item: Item, envelope: Envelope, content: tuple[bytes, ...], route: str) -> Sending:
    """For the recipients still to be served, each address once."""
    chosen: dict[str, Recipient] = {}
    positions: dict[str, tuple[int, ...]] = {}
    for position in item.positions:
        recipient = envelope.recipients[position]
        chosen.setdefault(recipient.address, recipient)
        positions[recipient.address] = (*positions.get(recipient.address, ()), position)
    return Sending(replace(envelope, recipients=tuple(chosen.values())), content, route, positions)
