"""The SMTP door: the verbs of RFC 5321, with the extensions offered in EHLO, and one Mail out.

One reply for all recipients. AUTH is not offered: only the networks listed may relay. Content is
read in large pieces, by DATA or by BDAT (RFC 3030); what is wrong with a message is told after its
end, never in the middle, save by BDAT, which has a reply for each chunk. Whatever BDAT sends is
read to the end of its chunk, wanted or not: it is no commands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from gateway.model import Client, Mail, Reply
from gateway.receive import wording
from gateway.receive.chunks import Chunks, chunk_size
from gateway.receive.connection import Connection
from gateway.receive.data import Data
from gateway.receive.envelope import Transaction, open_transaction, recipient
from gateway.receive.hand_over import one_for_all
from gateway.receive.identity import new_id
from gateway.receive.origin import XCLIENT, XFORWARD, claimed, spoken_name, xforward_ident
from gateway.receive.proxy import Peer
from gateway.receive.trace import (
    RECEIVED_FIELDS,
    count_received,
    queue_id,
    received_field,
    spoken,
)
from gateway.receive.wording import Refusal, overloaded, refused, try_later, wire

if TYPE_CHECKING:
    from gateway.receive.door import Door

PROGRESS_OCTETS = 4_096  # of DATA within `data_seconds`, or the client is too slow


class SmtpSession(Connection):
    name: ClassVar[str] = "smtp"
    greeting: ClassVar[str] = "ESMTP"
    _logged_in = False
    verbs: ClassVar[frozenset[str]] = frozenset(
        {"HELO", "EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT"}
        | {"VRFY", "EXPN", "HELP", "STARTTLS", "XFORWARD", "XCLIENT"}
    )

    def __init__(self, door: Door, client: Peer | None = None) -> None:
        super().__init__(door, client)
        self._chunks: Chunks | None = None  # of a mail that comes by BDAT
        self._claimed_name = ""  # what XCLIENT says that the client calls itself
        self._weight = 0  # octets of this mail counted in the door's load
        self._starved = False  # this mail came when no memory was left
        self._progress = 0  # octets since the timer was last moved
        # Let in although the door was full: 451 at MAIL as long as it is.
        self._excess = door.load.connections >= door.settings.connections

    # -- who is there ----------------------------------------------------------------------------

    def do_helo(self, hostname: str) -> None:
        self._introduce(hostname, extended=False)
        self._say(f"250 {self._door.settings.hostname}\r\n".encode())

    def do_ehlo(self, hostname: str) -> None:
        self._introduce(hostname, extended=True)
        *first, last = self._offers()
        self._say("".join([*(f"250-{offer}\r\n" for offer in first), f"250 {last}\r\n"]).encode())

    def _introduce(self, hostname: str, *, extended: bool) -> None:
        if not hostname:
            raise Refusal(501, "5.5.4", "Syntaxe : EHLO nom-de-machine")
        self._set_rset_state()
        assert self.session is not None
        self.session.host_name = hostname
        self.session.extended_smtp = extended

    def _offers(self) -> list[str]:
        settings = self._door.settings
        offers = [settings.hostname, "PIPELINING", f"SIZE {settings.size}", "8BITMIME", "SMTPUTF8"]
        offers += ["ENHANCEDSTATUSCODES", "DSN", "CHUNKING", f"XFORWARD {' '.join(XFORWARD)}"]
        if self._may_claim:
            offers.append(f"XCLIENT {' '.join(XCLIENT)}")
        if self.tls_context and not self._tls_version():
            offers.append("STARTTLS")
        return offers

    def do_xforward(self, arg: str) -> None:
        self._after_greeting()
        if self._transaction is not None:
            raise Refusal(503, "5.5.1", "XFORWARD vient avant MAIL")
        ident = xforward_ident(arg)
        self._ident = self._ident if ident is None else ident
        self._say(wording.OK)

    @property
    def _may_claim(self) -> bool:
        door = self._door
        return bool(door.settings.xclient) and door.xclient.allow(self._connected)

    def do_xclient(self, arg: str) -> None:
        """From now on it is another client that speaks, and nothing was said yet."""
        self._after_greeting()
        if not self._may_claim:
            raise Refusal(550, "5.7.1", "XCLIENT n'est pas permis a cette machine")
        if self._transaction is not None:
            raise Refusal(503, "5.5.1", "XCLIENT vient avant MAIL")
        claim = claimed(arg)
        self._forget_client()
        self._claimed_name = claim.name
        if claim.address:
            self._door.load.leave(self._address)
            self._address, self._port = claim.address, claim.port
            self._door.load.enter(self._address)
        self._welcome()

    def _forget_client(self) -> None:
        self._set_rset_state()
        assert self.session is not None
        self.session.host_name = None

    def do_starttls(self, arg: str) -> None:
        if arg:
            raise Refusal(501, "5.5.4", "Syntaxe : STARTTLS")
        if not self.tls_context or self._tls_version():
            raise Refusal(503, "5.5.1", "STARTTLS n'est pas offert ici")
        self._wait_for(self._start_tls())

    # -- one transaction -------------------------------------------------------------------------

    def do_mail(self, arg: str) -> None:
        self._after_greeting()
        if self._transaction is not None:
            raise Refusal(503, "5.5.1", "Un envoi est en cours")
        settings = self._door.settings
        transaction = open_transaction(arg, new_id())
        self._check_sender(transaction.sender)
        if transaction.size > settings.size:
            self._refuse(wording.too_big(settings.size, settings.help))
        elif self._excess and self._door.load.connections > settings.connections:
            self._refuse(overloaded("4.3.2"))
        elif self._door.load.octets + transaction.size > settings.memory:
            self._refuse(overloaded("4.3.1"))
        else:
            self._excess = False
            self._transaction = transaction
            self._say(wording.SENDER_OK)

    def _check_sender(self, sender: str) -> None:
        """Raises Refusal. Here everybody who may relay may write in anybody's name."""

    def do_rcpt(self, arg: str) -> None:
        transaction = self._transaction
        if transaction is None:
            raise Refusal(503, "5.5.1", "MAIL vient avant RCPT")
        if self._chunks is not None:
            raise Refusal(503, "5.5.1", "RCPT vient avant BDAT")
        if len(transaction.recipients) >= self._door.settings.recipients:
            self._refuse(wording.too_many_recipients(self._door.settings.recipients))
            return
        transaction.recipients.append(recipient(arg, utf8=transaction.utf8))
        self._say(wording.RECIPIENT_OK)

    def do_data(self, arg: str) -> None:
        transaction = self._transaction
        if transaction is None or not transaction.recipients:
            raise Refusal(503, "5.5.1", "Aucun destinataire")
        if self._chunks is not None:
            raise Refusal(503, "5.5.1", "Ce message vient par BDAT")
        if arg:
            raise Refusal(501, "5.5.4", "Syntaxe : DATA")
        self._say(wording.GO_AHEAD)
        self._reset_timeout(self._door.settings.data_seconds)
        self._data = Data(self._door.settings.size)
        self._ahead, self._at = self._gather(self._ahead[self._at :]), 0

    def do_bdat(self, arg: str) -> None:
        octets, last = chunk_size(arg)
        self._reset_timeout(self._door.settings.data_seconds)
        if self._is_wanted:
            self._data = self._chunks = self._chunks or Chunks(self._door.settings.size)
        else:
            self._data = Chunks(0)
        self._data.expect(octets, last=last)
        piece = self._ahead[self._at : self._at + octets]
        self._at += len(piece)
        self._gather(piece)

    @property
    def _is_wanted(self) -> bool:
        return self._transaction is not None and bool(self._transaction.recipients)

    def _gather(self, piece: bytes) -> bytes:
        """One piece of the content; at its end, the mail is on its way. What follows the end."""
        data, transaction = self._data, self._transaction
        assert data is not None
        self._weigh(len(piece), data)
        rest = data.feed(piece)
        if rest is None:
            self._progress += len(piece)
            if self._progress >= PROGRESS_OCTETS:
                self._progress = 0
                self._reset_timeout(self._door.settings.data_seconds)
            return b""
        self._data = None
        if transaction is None or not transaction.recipients:
            self._refuse(Refusal(503, "5.5.1", "Aucun destinataire").reply)
            return rest
        try:
            self._take(transaction, data)
        except Exception as error:
            self._failed(error)
            self._answer(transaction, try_later(transaction.code))
        return rest

    def _weigh(self, octets: int, data: Data | Chunks) -> None:
        """Count what is held; beyond the process's share, read on without holding."""
        load = self._door.load
        self._weight += octets
        load.octets += octets
        if load.octets > self._door.settings.memory or data.too_big:
            self._starved = self._starved or not data.too_big
            self._unweigh()
            data.drop()

    def _unweigh(self) -> None:
        self._door.load.octets -= self._weight
        self._weight = 0

    def _take(self, transaction: Transaction, data: Data | Chunks) -> None:
        if isinstance(data, Chunks) and not data.last:
            self._take_chunk(data)
            return
        content = data.content()
        refusal = self._refusal(content, data)
        if refusal is None:
            self._wait_for(self._carry(transaction, self._mail(transaction, content)))
        else:
            self._answer(transaction, refusal)

    def _take_chunk(self, chunks: Chunks) -> None:
        """After a refusal every further chunk is refused alike, until RSET (RFC 3030, 2)."""
        if self._starved:
            self._refuse(overloaded("4.3.1"))
        elif chunks.too_big:
            self._refuse(wording.too_big(self._door.settings.size, self._door.settings.help))
        else:
            self._say(wording.OK)

    async def _carry(self, transaction: Transaction, mail: Mail) -> None:
        if self._telling is not None:  # the mail before: its orders must be forgotten first
            await self._telling
        replies = await self._door.hand_over.replies(mail)
        # What came meanwhile must be read before the answer, or it would pass for a sign that the
        # client has the answer.
        await asyncio.sleep(0)
        self._bad_commands = 0
        if self._answer(transaction, replies):
            self._unheard = mail
            if self.transport is None:
                self._settle(heard=False)

    def _refusal(self, content: bytes, data: Data | Chunks) -> Reply | None:
        help_ = self._door.settings.help
        if self._starved:
            return overloaded("4.3.1")
        if data.too_big:
            return wording.too_big(self._door.settings.size, help_)
        if data.bare_newline:
            return refused(550, "5.6.0", wording.BARE_NEWLINE, help_)
        if count_received(content) > RECEIVED_FIELDS:
            return refused(554, "5.4.6", wording.LOOP.format(RECEIVED_FIELDS), help_)
        return None

    def _mail(self, transaction: Transaction, content: bytes) -> Mail:
        now = time.time()
        session = self.session
        assert session is not None
        name = self._claimed_name or spoken_name(session.host_name or "")
        tls = self._tls_version()
        with_ = spoken(
            lmtp=self.name == "lmtp",
            extended=session.extended_smtp,
            tls=bool(tls),
            utf8=transaction.utf8,
            login=self._logged_in,
        )
        return Mail(
            id=transaction.code,
            door=self.name,
            client=Client(self._address, self._port, name, tls, self._ident or queue_id(content)),
            envelope=transaction.envelope(),
            content=content,
            trace=received_field(
                name=name,
                address=self._address,
                hostname=self._door.settings.hostname,
                with_=with_,
                code=transaction.code,
                seconds=now,
            ),
            deadline=self.loop.time() + self._door.settings.deadline_seconds,
            received=now,
        )

    def _answer(self, transaction: Transaction, replies: Mapping[str, Reply] | Reply) -> bool:
        """After the final dot, one for all. Whether it was 2yz."""
        reply = replies if isinstance(replies, Reply) else one_for_all(replies)
        self._close_transaction(wire(reply))
        return reply.accepted

    def _close_transaction(self, answer: bytes) -> None:
        self._say(answer)
        self._write()
        self._set_rset_state()

    def _set_rset_state(self) -> None:
        super()._set_rset_state()
        self._unweigh()
        self._chunks = None
        self._starved = False
        self._progress = 0

    # -- the rest --------------------------------------------------------------------------------

    def do_rset(self, arg: str) -> None:
        self._set_rset_state()
        self._say(wording.OK)

    def do_noop(self, arg: str) -> None:
        self._say(wording.OK)

    def do_quit(self, arg: str) -> None:
        self._say(wording.GOODBYE)
        self._over = True

    def do_vrfy(self, arg: str) -> None:
        if not arg:
            raise Refusal(501, "5.5.4", "Syntaxe : VRFY adresse")
        self._say(wording.CANNOT_TELL)

    def do_expn(self, arg: str) -> None:
        raise Refusal(502, "5.5.1", "EXPN n'est pas offert ici")

    def do_help(self, arg: str) -> None:
        known = " ".join(sorted(self.verbs))
        self._say(wire(refused(214, "2.0.0", known, self._door.settings.help)))

    def _after_greeting(self) -> None:
        if self.session is None or not self.session.host_name:
            raise Refusal(503, "5.5.1", f"{'LHLO' if self.name == 'lmtp' else 'EHLO'} d'abord")

    def _tls_version(self) -> str:
        if self.transport is None:
            return ""
        tls = self.transport.get_extra_info("ssl_object")
        return str(tls.version() or "") if tls is not None else ""
