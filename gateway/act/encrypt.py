"""Encrypt: to each recipient by the first method that fits him; in clear to nobody.

Whoever no method fits is named in `NoChannel` before anything is sent, and gets what his verdict
says otherwise. A mail whose secret must be told goes first. The sender's letter with the secret is
parked in the outbox before the document leaves, and posted before any 2yz: a secret nobody was told
would make a delivered mail unreadable. Killed in between, the parked letter goes out, the order is
retried, and the recipient may get a second document with a second secret.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from gateway.act import header, method, outside
from gateway.act.method import Certificates, Keys, Means, Method, Sealed, Space
from gateway.act.outside import Outside
from gateway.act.queued import told
from gateway.errors import Misconfigured, NoChannel, Temporary
from gateway.model import Disposition, Envelope, Inspection, Letter, Mail, Receipt, Verdict
from gateway.parcel import Chosen, Terms
from gateway.ports import Custody, Delivery, Pickup, Relay

Draw = Callable[[str, Mail], bytes | None]
Texting = Callable[[Sequence[str], str], Awaitable[Sequence[str]]]

SPACE = "mssante"  # the only method for who is in that space
NONE = "aucune voie n'est ouverte"  # channels: []
OUTSIDE = "en-tête"  # what fails for all methods alike
MAX_REMEMBERED = 64  # outsides: one mail asks once per recipient


@dataclass(frozen=True, slots=True)
class Choice:
    """For one recipient. method: None where nothing fits. missed: the better ones that do not fit,
    each by name and what it lacks, in French; free of personal data."""

    method: Method | None
    missed: tuple[tuple[str, str], ...]


class Channels:
    """Which method fits which recipient. Look-ups only.

    examine:   whether detectors find anything, at LIKELY or more, in these header bytes.
    chain:     names of methods, the best first.
    chain_for: the chain of one recipient, where it is not that of all.
    """

    def __init__(
        self,
        *,
        certificates: Certificates,
        pdf: bool,
        ours: Callable[[str], bool],
        examine: Callable[[bytes], bool],
        organisation: str = "",
        keys: Keys | None = None,
        zips: Callable[[str], bool] = lambda address: False,
        portal: Terms | None = None,
        space: Space | None = None,
        chain: Sequence[str] = ("smime", "pdf"),
        chain_for: Callable[[str], Sequence[str] | None] = lambda address: None,
        agreed: Callable[[str], str] = lambda address: "",
        texts: Callable[[str], bool] = lambda address: False,
        chosen: Callable[[str], Chosen | None] = lambda address: None,
        tells: bool = True,
        incidents: str = "",
    ) -> None:
        self.means = Means(
            certificates,
            pdf,
            ours,
            organisation,
            keys,
            zips,
            portal,
            space,
            agreed=agreed,
            texts=texts,
            chosen=chosen,
            tells=tells,
            incidents=incidents,
        )
        self._known = method.every()
        missing = sorted(set(chain) - self._known.keys())
        if missing:
            raise Misconfigured(f"unknown method of encryption: {', '.join(missing)}")
        self._chain = tuple(chain)
        self._chain_for = chain_for
        self._examine = examine
        self._shown: dict[bytes, tuple[Outside | None]] = {}  # of the last mails, by hash

    def fits(self, mail: Mail, recipient: str) -> bool:
        return self.choose(mail, recipient) is not None

    def choose(self, mail: Mail, recipient: str) -> Method | None:
        return self.weigh(mail, recipient).method

    def weigh(self, mail: Mail, recipient: str) -> Choice:
        """The first that fits, and why those before it do not."""
        inside = self.means.space is not None and self.means.space.holds(recipient)
        if not inside and self.outside(mail) is None:
            return Choice(None, ((OUTSIDE, "un champ visible de tous contiendrait une donnée"),))
        written = (SPACE,) if inside else self._chain_for(recipient)
        missed: list[tuple[str, str]] = []
        for name in self._chain if written is None else written:
            one = self._known[name]
            if one.fits(self.means, mail, recipient):
                return Choice(one, tuple(missed))
            missed.append((name, one.lacks))
        return Choice(None, tuple(missed))

    def why_not(self, mail: Mail, recipient: str) -> str:
        """What each channel lacks for this recipient, in French; "" where one fits."""
        choice = self.weigh(mail, recipient)
        if choice.method:
            return ""
        lacks = (f"{name}\N{NO-BREAK SPACE}: {what}" for name, what in choice.missed)
        return "\N{NO-BREAK SPACE}; ".join(lacks) or NONE

    def is_clean(self, mail: Mail, head: bytes) -> bool:
        """Whether anybody may see this header, and our own Received before it: not its random
        code, in which one in five hundred finds a "Hb33"."""
        return not self._examine(mail.trace.replace(mail.id.encode(), b"") + head)

    def outside(self, mail: Mail) -> Outside | None:
        """What is shown of it to anybody; None where that would tell what it must not."""
        head = header.split(mail.content)[0]
        options = "\n".join((mail.envelope.sender, *mail.envelope.options))
        key = hashlib.sha256(b"\0".join((options.encode(), mail.trace, head))).digest()
        known = self._shown.get(key)
        if known is None:
            known = (self._clean(mail, outside.of(mail)),)
            if len(self._shown) >= MAX_REMEMBERED:
                self._shown.clear()  # at any moment, since threads that seal ask, too
            self._shown[key] = known
        return known[0]

    def _clean(self, mail: Mail, shown: Outside | None) -> Outside | None:
        if shown is None or self.is_clean(mail, shown.head(())):
            return shown
        ours = shown.renamed()  # the sender's Message-ID tells, or is made of digits that seem to
        return ours if self.is_clean(mail, ours.head(())) else None


async def no_texts(recipients: Sequence[str], secret: str) -> Sequence[str]:
    """Where secrets go by letter alone."""
    return ()


class Encrypt:
    """sign: (message, domain of From, original) to the message signed, or Temporary.

    secret_letter: (mail, recipients, secret, those who have it by text message) to the letter that
                   tells the sender.
    pickup: where parcels are kept; needed where the portal is one of the channels.
    draw: see `Means`. text: sends a secret to recipients' telephones, and tells whose took it.
    remembers: the mail may come again from the client; none does that was held.
    """

    def __init__(
        self,
        channels: Channels,
        relay: Relay,
        custody: Custody,
        sign: Callable[[bytes, str, bytes], bytes],
        secret_letter: Callable[..., Letter],
        *,
        pickup: Pickup | None = None,
        draw: Draw | None = None,
        text: Texting = no_texts,
        remembers: bool = True,
    ) -> None:
        self._channels = channels
        self._means = replace(channels.means, draw=draw) if draw else channels.means
        self._text = text
        self._relay = relay
        self._custody = custody
        self._sign = sign
        self._secret_letter = secret_letter
        self._pickup = pickup
        self._remembers = remembers

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        recipients = tuple(verdict.recipient for verdict in verdicts)
        # In a thread: sealing 25 MB takes seconds, and the other sessions must go on.
        sealed = await asyncio.to_thread(self._seal, mail, recipients)
        receipts: dict[str, Receipt] = {}
        for one in sorted(sealed, key=lambda s: not s.secret):
            receipts |= await self._send(mail, one)
        return tuple(receipts[recipient] for recipient in recipients)

    def _seal(self, mail: Mail, recipients: Sequence[str]) -> list[Sealed]:
        groups: dict[str, list[str]] = {}
        methods: dict[str, Method] = {}
        left: list[str] = []
        for recipient in recipients:
            chosen = self._channels.choose(mail, recipient)
            if chosen is None:
                left.append(recipient)
                continue
            methods[chosen.name] = chosen
            groups.setdefault(chosen.name, []).append(recipient)
        shown = self._channels.outside(mail)
        if left or shown is None:
            raise NoChannel(tuple(left or recipients))
        sealed: list[Sealed] = []
        for name, group in groups.items():
            made = methods[name].seal(self._means, mail, shown, group)
            sealed += [replace(one, channel=name) for one in made]
        return [self._finished(mail, shown, one) for one in sealed]

    def _finished(self, mail: Mail, shown: Outside, one: Sealed) -> Sealed:
        """The last look at what anybody can read, then the signature over it."""
        head, _ = header.split(one.content)
        if not self._channels.is_clean(mail, head):
            raise NoChannel(one.recipients)
        return replace(one, content=self._sign(one.content, shown.domain, mail.content))

    async def _send(self, mail: Mail, one: Sealed) -> dict[str, Receipt]:
        parked = await self._park(mail, one)
        if one.parcel:
            await self._desk().keep(one.parcel)
        deliveries = await self._relay.send(
            _envelope(mail, one),
            (mail.trace, one.content),
            deadline=mail.deadline,
            route=one.route,
        )
        receipts = {a: _receipt(a, deliveries[a], one.channel) for a in one.recipients}
        safe = [receipt for receipt in receipts.values() if receipt.reply.accepted]
        if one.parcel:
            desk = self._desk()
            await (desk.sent if safe else desk.withdraw)(one.parcel)
        if one.secret:
            told = tuple(receipt.recipient for receipt in safe)
            texted = await self._text(told, one.secret) if told and not one.parcel else ()
            letters = [self._letter(mail, told, one, texted)] if safe else []
            try:
                await self._custody.post(mail, letters, safe if self._remembers else (), parked)
            except OSError as error:  # a retry makes a new secret; the parked letter tells this one
                raise Temporary("the secret could not be posted") from error
        return receipts

    async def _park(self, mail: Mail, one: Sealed) -> Sequence[int]:
        """The secret's letter, kept before anything is sent: a store that is full or gone would
        else have us send, at each retry, one more document that nobody can open."""
        if not one.secret:
            return ()
        try:
            return await self._custody.park([self._letter(mail, one.recipients, one)])
        except OSError as error:
            raise Temporary("the secret cannot be kept") from error

    def _letter(
        self, mail: Mail, recipients: Sequence[str], one: Sealed, texted: Sequence[str] = ()
    ) -> Letter:
        if one.parcel:
            return self._desk().letter(one.parcel)
        return self._secret_letter(mail, recipients, one.secret, texted)

    def _desk(self) -> Pickup:
        if self._pickup is None:
            raise Temporary("nowhere to keep a parcel")
        return self._pickup


def _envelope(mail: Mail, one: Sealed) -> Envelope:
    """The same sender, unless the method has another, and DSN options, for these recipients.

    BODY goes, since what we write is in seven bits; SMTPUTF8 stays only where an address needs it.
    """
    recipients = tuple(r for r in mail.envelope.recipients if r.address in one.recipients)
    sender = one.sender or mail.envelope.sender
    seven_bit = header.split(one.content)[0].isascii() and all(
        address.isascii() for address in (sender, *one.recipients)
    )
    options = tuple(
        option
        for option in mail.envelope.options
        if not option.upper().startswith("BODY=")
        and not (seven_bit and option.upper() == "SMTPUTF8")
    )
    return Envelope(sender, recipients, options)


def _receipt(address: str, delivery: Delivery, channel: str) -> Receipt:
    return Receipt(address, Disposition.ENCRYPT, delivery.reply, told(delivery), channel)
