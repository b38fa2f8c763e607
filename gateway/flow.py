"""The way of a message, from the door to the reply. Read this file first.

    door -> recall -> inspect (parse, extract, detect) -> decide -> act -> settle -> reply

Custody: a recipient is answered 2yz only once its copy is safe outside this process: accepted by
the next hop, or committed and fsynced in the store. Until then the MTA in front of us holds the
message, so a crash here loses nothing. docs/custody.md has the table of states.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Coroutine, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.acquaintance import UNTOLD, Correspondence
from gateway.decide.together import together
from gateway.errors import NoChannel, Permanent, Temporary
from gateway.model import Disposition, Inspection, Mail, Receipt, Reply, Verdict
from gateway.ports import Action, Ahead, Inspector, Journal, Judge, Ledger, Memory
from gateway.receive.trace import identity
from gateway.settle import Settle, refused, try_later
from gateway.watch.spans import span

RESERVE_SECONDS = 15  # left after the inspection for the orders; the relay keeps 10 of them

# Encryption first, since it may turn out that no channel fits and what it then leaves must follow;
# what is let through in clear last, since it cannot be taken back.
ORDER = (
    Disposition.ENCRYPT,
    Disposition.REJECT,
    Disposition.QUARANTINE,
    Disposition.REVIEW,
    Disposition.CONFIRM,
    Disposition.DELAY,
    Disposition.ENCRYPT,
    Disposition.PASS,
)


@dataclass(frozen=True, slots=True)
class Done:
    """What was carried out for a mail whose client may not have our answer yet.

    written: the store remembers some of it already. key: of the same mail, whoever brings it.
    waiting: who was answered 4yz, and for whom the store may know more than we heard of it.
    """

    receipts: tuple[Receipt, ...]
    written: bool
    key: Hashable
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """Every part a journey needs, given by `serve`. ledger: of who writes to whom.

    unheard, same: what is done and not yet `answered`, by mail id and by the mail itself: a client
    that lost patience comes again on another connection before the first one's end is known.
    """

    inspector: Inspector
    judge: Judge
    actions: Mapping[Disposition, Action]
    memory: Memory
    settle: Settle
    journal: Journal
    ledger: Ledger | None = None
    ahead: Ahead | None = None
    unheard: dict[str, Done] = field(default_factory=dict)
    same: dict[Hashable, Done] = field(default_factory=dict)

    async def process(self, mail: Mail) -> dict[str, Reply]:
        """Take one message through every room; one reply per recipient. Never raises."""
        try:
            with span("mail", id=mail.id, door=mail.door, size=len(mail.content)):
                return await self._journey(mail)
        except Temporary:
            self.journal.failed(mail, "deferred")
        except Exception as error:  # the one net of a message; its text may quote the mail
            self.journal.failed(mail, type(error).__name__)
        return dict.fromkeys(mail.envelope.addresses, try_later(mail))

    def answered(self, mail: Mail, heard: bool) -> Coroutine[None, None, None] | None:
        """The end of a transaction answered 2yz. heard: the client went on, so it has our answer
        and the same bytes are a new mail from now on; else it may come again with this one."""
        done = self.unheard.pop(mail.id, None)
        if done is None:
            return None
        if self.same.get(done.key) is done:
            del self.same[done.key]
        if heard and not done.written:
            return None
        return self._note_end(mail, done, heard)

    async def _note_end(self, mail: Mail, done: Done, heard: bool) -> None:
        ended = _only(mail, set(mail.envelope.addresses) - done.waiting) if done.waiting else mail
        try:
            if not heard:
                await self.memory.remember(ended, done.receipts, answered=True)
            else:
                await self.memory.forget(ended)
        except Exception as error:  # it stands for an hour at most, as if we had not been heard
            self.journal.failed(mail, f"memory: {type(error).__name__}")

    async def _journey(self, mail: Mail) -> dict[str, Reply]:
        started = asyncio.get_running_loop().time()
        key = identity(mail)
        known = await self._recall(mail)
        receipts = known or {}
        recalled = bool(receipts)
        if key in self.same:
            receipts |= {receipt.recipient: receipt for receipt in self.same[key].receipts}
        left = _only(mail, set(mail.envelope.addresses) - receipts.keys()) if receipts else mail
        verdicts: tuple[Verdict, ...] = ()
        seen = Inspection()
        if left.envelope.recipients:
            seen = await self._inspected(left, mail.deadline - started - RESERVE_SECONDS)
            verdicts = self.judge.decide(left, seen, await self._known(left, seen))
            able = verdicts if known is not None else _unwritten(left, verdicts)
            waiting = [verdict for verdict in verdicts if verdict not in able]
            for receipt in (*await self._carry_out(left, able, seen), *_defer(mail, waiting)):
                receipts[receipt.recipient] = receipt
        took = asyncio.get_running_loop().time() - started
        replies, receipts = await self.settle(mail, receipts, verdicts, seen)
        self._tell(mail, verdicts, seen, receipts, took)
        if any(reply.accepted for reply in replies.values()):
            written = recalled or not _plain(receipts)
            later = frozenset(a for a, reply in replies.items() if reply.temporary)
            done = Done(_safe(receipts), written, key, later)
            self.unheard[mail.id] = self.same[key] = done
            if written and all(reply.accepted for reply in replies.values()):
                await self._note(mail, done)
        return replies

    def _tell(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        receipts: Mapping[str, Receipt],
        took: float,
    ) -> None:
        """What cannot be told has been done all the same: a retry would do it again."""
        try:
            self.journal.judged(mail, verdicts, seen, receipts, took)
        except Exception as error:
            self.journal.failed(mail, f"journal: {type(error).__name__}")

    async def _inspected(self, mail: Mail, seconds: float) -> Inspection:
        if self.ahead is None:
            return await self.inspector.inspect(mail.content, seconds=seconds)
        inspecting = self.inspector.inspect(mail.content, seconds=seconds)
        seen, _ = await asyncio.gather(inspecting, self.ahead(mail))
        return seen

    async def _known(self, mail: Mail, seen: Inspection) -> Correspondence:
        """Asked only where a verdict may rest on it: of most mail, never."""
        if self.ledger is None or not self.judge.wants(seen):
            return UNTOLD
        return await self.ledger.correspondence(mail)

    async def _recall(self, mail: Mail) -> dict[str, Receipt] | None:
        """None while the store is away: then nobody knows what was done for it before."""
        try:
            return await self.memory.recall(mail)
        except Temporary:
            return None

    async def _note(self, mail: Mail, done: Done) -> None:
        """What the store remembers as if no 2yz were ever to follow is now kept for an hour."""
        try:
            await self.memory.remember(mail, done.receipts, answered=True)
        except Exception as error:  # what is done is done, and remembered for longer
            self.journal.failed(mail, f"memory: {type(error).__name__}")

    async def _carry_out(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> list[Receipt]:
        """Each order once, the strictest first; what no channel fits goes to its `otherwise`."""
        orders = _by_order(verdicts)
        receipts: list[Receipt] = []
        for order in ORDER:
            todo = orders.pop(order, [])
            if not todo:
                continue
            if order is Disposition.PASS and not _each(mail) and _must_wait(receipts):
                receipts += _defer(mail, todo)
                continue
            try:
                receipts += await self._one_order(order, mail, todo, seen)
            except NoChannel as none:
                orders = _without_channel(none.recipients, todo, orders)
        for todo in orders.values():  # no such action, or no channel twice: deferred, never sent
            receipts += _defer(mail, todo)
        return receipts

    async def _one_order(
        self, order: Disposition, mail: Mail, todo: Sequence[Verdict], seen: Inspection
    ) -> Sequence[Receipt]:
        try:
            with span("act", order=order.value, recipients=len(todo)):
                return await self.actions[order](mail, todo, seen)
        except Permanent as refusal:
            reply = refused(str(refusal))
            return [Receipt(verdict.recipient, order, reply) for verdict in todo]
        except NoChannel:
            raise
        except Exception as error:  # what other orders did must still be remembered
            if not isinstance(error, Temporary):
                self.journal.failed(mail, type(error).__name__)
            return _defer(mail, todo)


def _safe(receipts: Mapping[str, Receipt]) -> tuple[Receipt, ...]:
    """What need not be done again. What stays with a milter's MTA was not done by us."""
    return tuple(r for r in receipts.values() if r.reply.accepted and r.reply.stay is None)


def _plain(receipts: Mapping[str, Receipt]) -> bool:
    """Whether all was let through as it came: then nothing of it was written down."""
    return all(r.order is Disposition.PASS and r.reply.accepted for r in receipts.values())


def _only(mail: Mail, addresses: set[str]) -> Mail:
    """The same mail, for some of its recipients."""
    kept = tuple(r for r in mail.envelope.recipients if r.address in addresses)
    return replace(mail, envelope=replace(mail.envelope, recipients=kept), apart=True)


def _by_order(verdicts: Iterable[Verdict]) -> dict[Disposition, list[Verdict]]:
    orders: dict[Disposition, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        orders[verdict.disposition].append(verdict)
    return orders


def _without_channel(
    unfit: Collection[str], todo: Sequence[Verdict], orders: Mapping[Disposition, Sequence[Verdict]]
) -> dict[Disposition, list[Verdict]]:
    """What is still to do, once encryption found no channel for some: a key expired since."""
    lost = [replace(v, disposition=v.otherwise) for v in todo if v.recipient in unfit]
    fit = [verdict for verdict in todo if verdict.recipient not in unfit]
    waiting = [verdict for several in orders.values() for verdict in several]
    return _by_order(together((*waiting, *lost, *fit), lost))


def _each(mail: Mail) -> bool:
    """Whether the door can answer each recipient apart."""
    return mail.door == "lmtp"


def _unwritten(mail: Mail, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """What can be done while the store is away: nothing of it need be written down. The price of
    not stopping all mail is a second copy for whom an earlier try, its answer lost, had served."""
    simple = [v for v in verdicts if v.disposition in (Disposition.PASS, Disposition.REJECT)]
    alike = len(simple) == len(verdicts) and len({v.disposition for v in simple}) == 1
    return simple if alike or _each(mail) else []


def _must_wait(receipts: Sequence[Receipt]) -> bool:
    return any(receipt.reply.temporary for receipt in receipts)


def _defer(mail: Mail, todo: Sequence[Verdict]) -> list[Receipt]:
    return [Receipt(v.recipient, v.disposition, try_later(mail)) for v in todo]
