"""From receipts to replies: the doors' table of DESIGN §3.

LMTP answers each recipient apart. SMTP and milter have one reply for all, so what is done must be
remembered while something else waits, and what is refused for some only must be reported by mail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.model import Disposition, Inspection, Letter, Mail, Receipt, Recipient, Reply, Verdict
from gateway.ports import Action, Custody, Memory


def try_later(mail: Mail) -> Reply:
    """Never a reason: it would reveal content."""
    text = f"Nouvel essai automatique en cours. Rien n'est perdu. Code : {mail.id}"
    return Reply(451, "4.3.0", (text,))


def refused(text: str) -> Reply:
    return Reply(550, "5.7.1", tuple(text.splitlines()) or ("Refus",))


def done(mail: Mail) -> Reply:
    return Reply(250, "2.0.0", (f"Ok {mail.id}",))


@dataclass(frozen=True, slots=True)
class Settle:
    """report: the RFC 3464 letter to the sender about refused recipients, without content, with
    what the verdicts know better.

    ours: whether an address is in our domains; a report to any other would be backscatter.
    """

    memory: Memory
    custody: Custody
    quarantine: Action
    report: Callable[[Mail, Sequence[Receipt], Sequence[Verdict]], Letter]
    ours: Callable[[str], bool]

    async def __call__(
        self,
        mail: Mail,
        receipts: dict[str, Receipt],
        verdicts: Sequence[Verdict],
        seen: Inspection,
    ) -> tuple[dict[str, Reply], dict[str, Receipt]]:
        """The reply for each recipient, and the receipts as they then stand."""
        for address in mail.envelope.addresses:  # nobody may be forgotten
            receipts.setdefault(address, Receipt(address, Disposition.PASS, try_later(mail)))
        if mail.door == "lmtp":
            return {address: receipts[address].reply for address in receipts}, receipts
        reply, receipts = await self._one_reply(mail, receipts, verdicts, seen)
        return {address: _or_stay(reply, receipts[address]) for address in receipts}, receipts

    async def _one_reply(
        self,
        mail: Mail,
        receipts: dict[str, Receipt],
        verdicts: Sequence[Verdict],
        seen: Inspection,
    ) -> tuple[Reply, dict[str, Receipt]]:
        waiting = [r for r in receipts.values() if r.reply.temporary]
        refusals = [r for r in receipts.values() if r.reply.refused]
        safe = [r for r in receipts.values() if r.reply.accepted]
        if waiting:
            if safe:
                await self.memory.remember(mail, safe, answered=False)
            return waiting[0].reply, receipts
        if refusals and not safe:
            return refusals[0].reply, receipts
        judged = {verdict.recipient for verdict in verdicts}
        news = [r for r in refusals if r.recipient in judged]  # the others: told of before
        if news:
            if safe:  # or the whole mail would come again if there is no telling
                await self.memory.remember(mail, safe, answered=False)
            receipts = await self._tell_of(news, mail, receipts, verdicts, seen)
            if any(r.reply.temporary for r in receipts.values()):
                return try_later(mail), receipts
            return done(mail), receipts
        if not refusals and all(r.order is Disposition.PASS for r in safe):
            return safe[0].reply, receipts
        return done(mail), receipts

    async def _tell_of(
        self,
        refusals: Sequence[Receipt],
        mail: Mail,
        receipts: dict[str, Receipt],
        verdicts: Sequence[Verdict],
        seen: Inspection,
    ) -> dict[str, Receipt]:
        """Some recipients are refused and the client cannot be told of them alone: a report by
        mail; without a sender of ours to write to, or where he wants no report of them, their
        copies are held instead."""
        reachable = bool(mail.envelope.sender) and self.ours(mail.envelope.sender)
        unwanted = {r.address for r in mail.envelope.recipients if _never(r)}
        told = [r for r in refusals if reachable and r.recipient not in unwanted]
        untold = [r.recipient for r in refusals if r not in told]
        if untold:
            rules = {verdict.recipient: verdict for verdict in verdicts}
            held = [rules.get(one, Verdict(one, Disposition.REJECT)) for one in untold]
            kept = await self.quarantine(mail, held, seen)
            receipts = receipts | {receipt.recipient: receipt for receipt in kept}
        if told and not any(r.reply.temporary for r in receipts.values()):
            letter = self.report(mail, told, verdicts)
            await self.custody.post(mail, [letter], tuple(receipts.values()))
        return receipts


def _never(recipient: Recipient) -> bool:
    """RFC 3461, 4.1: no report about this recipient, whatever becomes of the mail."""
    return "NOTIFY=NEVER" in (option.upper() for option in recipient.options)


def _or_stay(reply: Reply, receipt: Receipt) -> Reply:
    """A milter's MTA is told who stays with it, once all is done."""
    return replace(reply, stay=receipt.reply.stay) if reply.accepted else reply
