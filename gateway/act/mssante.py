"""Into the MSSanté space: the mail as it came, under its sender's own address there, by the one
route that leads to his operator.

Envelope sender and From become that address; reports of delivery go to it. Whoever writes under it
already is not changed by a byte. Nothing is encrypted (operators do that between each other),
nothing is signed by us, and no other way fits: neither a channel nor the way of ordinary mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.act import header, own_address, reject
from gateway.act.method import Means, Method, Sealed, Space
from gateway.act.outside import Outside
from gateway.act.queued import told
from gateway.errors import NoChannel
from gateway.model import Disposition, Envelope, Inspection, Mail, Receipt, Reply, Verdict
from gateway.ports import Action, Relay

NAME = "mssante"  # of the channel
ROUTE = "mssante"
WAITS = Reply(451, "4.7.1", ("La liste blanche MSSante n'est pas a jour. Nouvel essai.",))
NOT_HIS = Reply(
    550,
    "5.7.1",
    (
        "L'expediteur affiche (From) n'est pas celui qui envoie : vers MSSante, c'est le meme.",
        "Que faire : envoyez depuis votre propre adresse.",
    ),
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """An order, whose recipients in the space are served here. otherwise: it, for all others."""

    space: Space
    relay: Relay
    order: Disposition
    otherwise: Action

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        inside = [v.recipient for v in verdicts if self.space.holds(v.recipient)]
        if not inside:
            return await self.otherwise(mail, verdicts, seen)
        others = [verdict for verdict in verdicts if verdict.recipient not in inside]
        receipts = await self.otherwise(mail, others, seen) if others else ()
        return (*receipts, *await self._served(mail, inside))

    async def _served(self, mail: Mail, inside: Sequence[str]) -> list[Receipt]:
        """Once the others are: it raises nothing, or what was done would be done again."""
        replies = {one: self._kept_back(mail, one) for one in inside}
        may = [one for one, reply in replies.items() if reply is None]
        content = _written(self.space, mail) if may else None
        if may and content is None:
            replies |= dict.fromkeys(may, NOT_HIS)
        receipts = [
            Receipt(one, self.order, reply, channel=NAME) for one, reply in replies.items() if reply
        ]
        if not may or content is None:
            return receipts
        deliveries = await self.relay.send(
            _envelope(mail.envelope, may, self.space.own(mail.envelope.sender)),
            (mail.trace, *content),
            deadline=mail.deadline,
            route=ROUTE,
        )
        return receipts + [
            Receipt(one, self.order, said.reply, told(said), NAME)
            for one, said in deliveries.items()
        ]

    def _kept_back(self, mail: Mail, recipient: str) -> Reply | None:
        """Asked again: a mail that was held goes by what holds now."""
        if rule := self.space.objection(mail, recipient):
            return Reply(550, "5.7.1", reject.as_lines(self.space.refusal(rule)))
        return WAITS if self.space.waits(recipient) else None


def fits(means: Means, mail: Mail, address: str) -> bool:
    space = means.space
    return space is not None and space.holds(address) and not space.objection(mail, address)


def seal(means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]) -> list[Sealed]:
    """For whom `HandOver` does not stand before encryption: nothing goes there in another way."""
    raise NoChannel(tuple(recipients))


def _written(space: Space, mail: Mail) -> tuple[bytes, ...] | None:
    """As it goes; None where its header does not name its sender."""
    head, body = header.split(mail.content)
    written = own_address.under(head, space.own(mail.envelope.sender), space.own, space.holds)
    if written == head:
        return (mail.content,)
    return None if written is None else (written, b"\r\n", body)


def _envelope(envelope: Envelope, recipients: Sequence[str], own: str) -> Envelope:
    """AUTH= names who wrote under which address in our house (RFC 4954, 5)."""
    some = tuple(r for r in envelope.recipients if r.address in recipients)
    options = tuple(o for o in envelope.options if not o.upper().startswith("AUTH="))
    return replace(envelope, sender=own, recipients=some, options=options)


METHOD = Method(NAME, fits, seal, "aucune route sûre, ou aucune adresse MSSanté de l'expéditeur")
