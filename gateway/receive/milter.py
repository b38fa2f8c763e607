"""The milter door: what Sendmail and Postfix ask before they take a mail, and our answers.

One answer for a whole mail: it stays with the MTA for all of its recipients, byte for byte as it
would have without us, or the MTA discards it: only ever after each copy is safe elsewhere. Single
recipients are never taken off: no MTA says whether it found them (`act.stay`). It shows header
fields rebuilt, not bytes, so this must be its last milter: what another one changes afterwards
nobody has read.

Nothing is kept from one mail to the next on a connection but who the client is.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.model import Client, Mail, Reply
from gateway.receive import milter_wire as wire
from gateway.receive import wording
from gateway.receive.hand_over import one_for_all
from gateway.receive.identity import new_id
from gateway.receive.milter_answer import answered, told
from gateway.receive.milter_mail import MilterMail, begin
from gateway.receive.milter_wire import Actions, Steps
from gateway.receive.origin import address_of, spoken_name
from gateway.receive.proxy import Peer
from gateway.receive.trace import RECEIVED_FIELDS, clean_id, count_received, received_field
from gateway.receive.wording import Refusal, overloaded, refused, try_later

if TYPE_CHECKING:
    from gateway.receive.door import Door

PROGRESS_SECONDS = 10.0  # while a mail is decided upon: MTAs give up after 30 s at the soonest
AHEAD_EVENTS = 64  # kept while a mail is decided upon; then the MTA must wait
_NEEDED = Actions.ADD_HEADERS | Actions.CHANGE_BODY  # every MTA since protocol 2 offers them
_STEPS = (
    Steps.NO_DATA
    | Steps.NO_UNKNOWN
    | Steps.NO_END_OF_HEADERS
    | Steps.SILENT_CONNECT
    | Steps.SILENT_HELO
    | Steps.SILENT_HEADER
    | Steps.SILENT_BODY
    | Steps.LEADING_SPACE
)
_SILENT: Mapping[type, Steps] = {
    wire.Connect: Steps.SILENT_CONNECT,
    wire.Helo: Steps.SILENT_HELO,
    wire.DataBegins: Steps.SILENT_DATA,
    wire.Header: Steps.SILENT_HEADER,
    wire.EndOfHeaders: Steps.SILENT_END_OF_HEADERS,
    wire.Body: Steps.SILENT_BODY,
    wire.Unknown: Steps.SILENT_UNKNOWN,
}
_MACROS = frozenset(("i", "{tls_version}"))  # the queue's id, and how the client came
_NO_MTA = "not a milter's client"
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux


class MilterSession(asyncio.Protocol):
    """One connection of an MTA: many clients after one another, and many mails of each."""

    name = "milter"

    def __init__(self, door: Door, client: Peer | None = None) -> None:
        self._door = door
        self._behind = client
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._tcp: socket.socket | None = None
        self._wire = wire.Wire()
        self._steps = Steps(0)  # agreed upon
        self._peer = ""
        self._client = wire.Connect("")
        self._helo = ""
        self._macros: dict[str, str] = {}
        self._mail: MilterMail | None = None
        self._weight = 0  # octets of this mail counted in the door's load
        self._starved = False  # this mail came when no memory was left
        self._ahead: deque[wire.Event] = deque()
        self._work: asyncio.Task[None] | None = None
        self._unheard: Mail | None = None  # answered, and the MTA said nothing since
        self._telling: asyncio.Task[None] | None = None
        self._excess = door.load.connections >= door.settings.connections
        self._moved = self._loop.time()  # when it last said something whole
        self._between = False  # two packets, and at leisure
        self._timer: asyncio.TimerHandle | None = None

    # -- the connection's life -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._peer, _ = self._behind or address_of(transport.get_extra_info("peername"))
        self._door.enter(self, self._peer)
        if not self._door.networks.allow(self._peer):
            self._give_up("client refused")
        elif self._peer and (connected := transport.get_extra_info("socket")):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._tcp = connected
        self._look()

    def _look(self) -> None:
        """An MTA may say nothing for as long as it likes between two packets, never within one."""
        left = self._door.settings.command_seconds - self.silence(self._loop.time())
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._give_up("client too slow")

    def silence(self, now: float) -> float:
        """Seconds since it began a packet and did not end it, or connected and said nothing."""
        at_rest = self._between or self._work is not None or not self._is_open()
        return 0.0 if at_rest else now - self._moved

    def give_way(self) -> None:
        """To another MTA: the door is full."""
        self._close()

    def data_received(self, data: bytes) -> None:
        self._acknowledge()
        try:
            for event in self._wire.feed(data):
                self._moved = self._loop.time()
                self._ahead.append(event)
                self._obey_all()
            self._between = not self._wire.waiting
        except wire.WireError:
            self._give_up(_NO_MTA)
        if len(self._ahead) > AHEAD_EVENTS and self._transport is not None:
            self._transport.pause_reading()

    def _acknowledge(self) -> None:
        """At once: the MTA sends what wants no answer in small pieces, and its kernel holds each
        back until the last is acknowledged (22 mails a second against 316, measured)."""
        if self._tcp is not None and _QUICKACK is not None:
            self._tcp.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._ahead.clear()
        self._settle(heard=False)
        if self._work is None:
            self._leave_door()

    def _leave_door(self) -> None:
        self._forget_mail()
        self._door.leave(self, self._peer)

    def wind_up(self) -> None:
        """The door closes. An MTA in the middle of a client's session would have to turn the
        client away, so only a connection that serves nobody ends here."""
        if self._work is None and self._mail is None and self._client == wire.Connect(""):
            self._close()

    def cut_off(self) -> None:
        """The door closes and can wait no longer. What was not answered will be tried again."""
        if self._work is not None:
            self._work.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def pause_writing(self) -> None:
        """It does not read our answers, so we read no more of it."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None and self._work is None:
            self._transport.resume_reading()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _give_up(self, what: str) -> None:
        self._door.event(what, {"door": self.name, "client": self._peer})
        self._close()

    def _failed(self, error: Exception) -> None:
        self._door.event("session failed", {"door": self.name, "error": type(error).__name__})

    def _say(self, *packets: bytes) -> None:
        if self._transport is not None:
            self._transport.write(b"".join(packets))

    # -- the conversation ------------------------------------------------------------------------

    def _obey_all(self) -> None:
        while self._ahead and self._work is None and self._is_open():
            event = self._ahead.popleft()
            if not isinstance(event, wire.Macros):
                self._settle(heard=True)
            try:
                self._obey(event)
            except Refusal as refusal:
                self._say(told(refusal.reply))
            except wire.WireError:
                self._give_up(_NO_MTA)
            except Exception as error:
                self._failed(error)
                self._close()

    def _obey(self, event: wire.Event) -> None:
        match event:
            case wire.Macros():
                self._macros |= {name: event.values[name] for name in _MACROS & event.values.keys()}
            case wire.Negotiate():
                self._agree(event)
            case wire.MailFrom():
                self._begin(event)
            case wire.RcptTo():
                self._add_recipient(event)
            case wire.EndOfMessage():
                self._end(self._under_way(), event.piece)
            case wire.Abort():
                self._forget_mail()
            case wire.NextClient():
                self._forget_mail()
                self._client, self._helo = wire.Connect(""), ""
                self._macros.clear()
                if self._door.leaving:
                    self._close()
            case wire.Quit():
                self._close()
            case _:
                self._take(event)
                if not _SILENT[type(event)] & self._steps:
                    self._say(wire.CONTINUE)

    def _take(self, event: wire.Event) -> None:
        match event:
            case wire.Connect():
                self._client = event
            case wire.Helo():
                self._helo = spoken_name(event.name)
            case wire.Header():
                self._weigh(self._under_way().add_field(event.name, event.value))
            case wire.Body():
                self._weigh(self._under_way().add_body(event.piece))

    def _agree(self, offer: wire.Negotiate) -> None:
        if offer.version < wire.LEAST_VERSION or _NEEDED not in offer.actions:
            self._give_up("milter protocol too old")
            return
        self._steps = _STEPS & offer.steps
        version = min(offer.version, wire.VERSION)
        self._say(wire.negotiated(version, _NEEDED, self._steps))

    def _begin(self, event: wire.MailFrom) -> None:
        self._set_aside()
        settings, load = self._door.settings, self._door.load
        mail = begin(event.arguments, new_id(), spaced=Steps.LEADING_SPACE in self._steps)
        if mail.transaction.size > settings.size:
            raise Refusal.of(wording.too_big(settings.size, settings.help))
        if self._excess and load.connections > settings.connections:
            raise Refusal.of(overloaded("4.3.2"))
        if load.octets + mail.transaction.size > settings.memory:
            raise Refusal.of(overloaded("4.3.1"))
        self._excess = False
        self._mail = mail
        self._say(wire.CONTINUE)

    def _add_recipient(self, event: wire.RcptTo) -> None:
        mail, most = self._under_way(), self._door.settings.recipients
        # Not by SMTP (no brackets): nobody could be told, and Postfix would try it for ever.
        told = event.arguments[0].startswith(b"<")
        if told and len(mail.transaction.recipients) >= most:
            raise Refusal.of(wording.too_many_recipients(most))
        mail.add_recipient(event.arguments)
        self._say(wire.CONTINUE)

    def _under_way(self) -> MilterMail:
        if self._mail is None:
            raise wire.WireError("a mail without a sender")
        return self._mail

    def _weigh(self, octets: int) -> None:
        """Count what is held; beyond the process's share, read on without holding."""
        load, settings, mail = self._door.load, self._door.settings, self._under_way()
        if mail.dropped:
            return
        self._weight += octets
        load.octets += octets
        too_big = self._weight > settings.size
        if too_big or load.octets > settings.memory:
            self._starved = not too_big
            mail.drop()
            self._unweigh()

    def _unweigh(self) -> None:
        self._door.load.octets -= self._weight
        self._weight = 0

    def _set_aside(self) -> None:
        self._unweigh()
        self._starved, self._mail = False, None

    def _forget_mail(self) -> None:
        self._set_aside()
        self._macros.pop("i", None)  # the queue id: Sendmail tells the next one's before its MAIL

    # -- the end of a mail -----------------------------------------------------------------------

    def _end(self, shown: MilterMail, piece: bytes) -> None:
        self._weigh(shown.add_body(piece))
        content = shown.content()
        refusal = self._refusal(shown, content)
        if refusal is not None:
            self._forget_mail()
            self._say(told(refusal))
            return
        self._work = asyncio.create_task(self._finish(shown, self._as_mail(shown, content)))

    def _refusal(self, shown: MilterMail, content: bytes) -> Reply | None:
        settings = self._door.settings
        if self._starved:
            return overloaded("4.3.1")
        if shown.dropped:
            return wording.too_big(settings.size, settings.help)
        if not shown.transaction.recipients:
            raise wire.WireError("a mail without recipients")
        if count_received(content) > RECEIVED_FIELDS:
            return refused(554, "5.4.6", wording.LOOP.format(RECEIVED_FIELDS), settings.help)
        return None

    def _as_mail(self, shown: MilterMail, content: bytes) -> Mail:
        tls = self._macros.get("{tls_version}", "")
        ident = clean_id(self._macros.get("i", ""))
        client = self._client
        now = time.time()
        return Mail(
            id=shown.transaction.code,
            door=self.name,
            client=Client(client.address, client.port, self._helo, tls, ident),
            envelope=shown.envelope(),
            content=content,
            trace=received_field(  # for what we send on: the MTA's own goes with what it discards
                name=self._helo,
                address=client.address,
                hostname=self._door.settings.hostname,
                with_="",  # it does not say
                code=shown.transaction.code,
                seconds=now,
            ),
            deadline=self._loop.time() + self._door.settings.deadline_seconds,
            received=now,
        )

    async def _finish(self, shown: MilterMail, mail: Mail) -> None:
        """Obey nothing more until the mail is decided upon. A disconnect does not cancel it."""
        signs = asyncio.create_task(self._show_life())
        answer = told(try_later(mail.id))
        try:
            if self._telling is not None:  # the mail before: its orders must be forgotten first
                await self._telling
            replies = await self._door.hand_over.replies(mail)
            answer = answered(shown, replies)
            if one_for_all(replies).accepted:
                self._unheard = mail
            await asyncio.sleep(0)  # what came meanwhile is read first
        except Exception as error:
            self._failed(error)
        finally:
            signs.cancel()
            self._work = None
            self._forget_mail()
            if self._transport is None or self._ahead:  # it did not wait for our answer
                self._settle(heard=False)
            if self._transport is None:
                self._leave_door()
        self._say(answer)
        self._go_on()

    async def _show_life(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            self._say(wire.PROGRESS)

    def _go_on(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()
            self._obey_all()

    def _settle(self, *, heard: bool) -> None:
        mail, self._unheard = self._unheard, None
        if mail is not None:
            self._telling = self._door.hand_over.tell(mail, heard)
