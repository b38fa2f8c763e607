"""A client's connection: from bytes to one command after another, and replies back.

From aiosmtpd: the protocol's life on a transport, the session, STARTTLS. Ours, since measured
slow or not meant for a relay: commands are obeyed as the bytes come, in order, and the replies to
what came together leave together (RFC 2920); only a journey or a handshake is a task. An
unexpected error is a 451 with a fixed text, never a 500 that quotes the exception.

A disconnect cancels nothing: a mail received whole is carried to its end by its own task. Nothing
here logs what was said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, AnyStr, ClassVar

from aiosmtpd.smtp import SMTP, TLSSetupException

from gateway.model import Mail, Reply
from gateway.receive import wording
from gateway.receive.chunks import Chunks
from gateway.receive.data import Data
from gateway.receive.envelope import Transaction
from gateway.receive.identity import new_id
from gateway.receive.origin import address_of
from gateway.receive.proxy import Peer
from gateway.receive.wording import Refusal, refused, try_later, wire

if TYPE_CHECKING:
    from gateway.receive.door import Door

AHEAD_OCTETS = 64 * 1024  # kept while a mail is decided upon; then the client must wait
COMMAND_OCTETS = 2_048  # RFC 5321's 512, and what ORCPT, ENVID, AUTH and SMTPUTF8 add to it
BAD_COMMANDS = 20  # on one connection, until a mail is taken
LINGER_SECONDS = 30  # for the client to take our last words
_PROTOCOL_ERRORS = (500, 501, 502, 503, 555)
_TOO_LONG = b"a command line that was not kept"


class Connection(SMTP):
    """`_ahead[_at:]` is what was read and not yet obeyed; `_work`, what must end before it is."""

    name: ClassVar[str]
    greeting: ClassVar[str]
    verbs: ClassVar[frozenset[str]]

    def __init__(self, door: Door, client: Peer | None = None) -> None:
        # aiosmtpd's own __init__ looks through all its methods for AUTH mechanisms and hooks, of
        # which we use none: 0.3 ms a connection. What follows is the rest of it.
        self.loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=self.loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, self.loop)
        self._timeout_duration = door.settings.command_seconds
        self._timeout_handle = None
        self._tls_protocol = None
        self._original_transport = None
        self._handler_coroutine = None
        self._handle_hooks = {}
        self.session = None
        self.transport = None
        self.tls_context = door.tls

        self._door = door
        self._behind = client  # a proxy
        self._address, self._port = "", 0
        self._connected = ""  # the address that connected, whatever XCLIENT says since
        self._ahead, self._at = b"", 0
        self._out: list[bytes] = []
        self._until = 0.0  # on the loop's clock: when the client is too slow
        self._moved = 0.0  # on the same clock: when it last brought us on
        self._over = False  # no further command is obeyed
        self._ended = False  # nothing more comes in
        self._skipping = False  # in the middle of a command line that is too long
        self._bad_commands = 0
        self._work: asyncio.Task[None] | None = None
        self._transaction: Transaction | None = None
        self._data: Data | Chunks | None = None  # what takes the octets that are no commands
        self._ident: str | None = None
        self._unheard: Mail | None = None  # answered 2yz, and the client said nothing since
        self._telling: asyncio.Task[None] | None = None

    # -- the protocol's life ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        first = self._original_transport is None
        if first:
            peer = self._behind or address_of(transport.get_extra_info("peername"))
            self._address, self._port = peer
            self._connected = self._address
            self._door.enter(self, self._address)
        self._ahead, self._at = b"", 0  # sent before TLS, perhaps by a third party: RFC 3207, 6
        super().connection_made(transport)
        if first:
            self._welcome()

    async def _handle_client(self) -> None:
        """aiosmtpd's loop over lines: data_received replaces it."""

    def data_received(self, data: bytes) -> None:
        if self._unheard is not None:  # it speaks again, so it has our answer
            self._settle(heard=True)
        if self._over:
            return
        try:
            self._hear(data)
        except Exception as error:
            self._failed(error)
            self._say(wire(try_later(new_id())))
            self._hang_up()

    def _hear(self, data: bytes) -> None:
        if self._data is not None:
            self._ahead, self._at = self._gather(data), 0
        elif self._at == len(self._ahead):
            self._ahead, self._at = data, 0
        else:
            self._ahead, self._at = self._ahead[self._at :] + data, 0
        if self._work is None:
            self._obey_all()
        elif len(self._ahead) > AHEAD_OCTETS:
            self._pause_reading()

    def _gather(self, piece: bytes) -> bytes:
        """Bytes of the content, and what follows it: the doors' own."""
        raise AssertionError  # a door without content

    def eof_received(self) -> bool | None:
        """A client that has no more to say still gets its replies, save over TLS."""
        keep = super().eof_received()
        self._ended = True
        if self._work is None:
            self._hang_up()
        return keep

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is None:
            return
        super().connection_lost(error)
        self._over = True
        if self._unheard is not None:
            self._settle(heard=False)
        if self._work is None:
            self._leave_door()

    def _settle(self, *, heard: bool) -> None:
        mail, self._unheard = self._unheard, None
        if mail is not None:
            self._telling = self._door.hand_over.tell(mail, heard)

    def _leave_door(self) -> None:
        self._set_rset_state()
        self._door.leave(self, self._address)

    def pause_writing(self) -> None:
        """It does not read our replies, so we read no more of its commands."""
        super().pause_writing()
        self._pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._resume_reading()

    def _pause_reading(self) -> None:
        if isinstance(self.transport, asyncio.ReadTransport):
            self.transport.pause_reading()

    def _resume_reading(self) -> None:
        if isinstance(self.transport, asyncio.ReadTransport):
            self.transport.resume_reading()

    # -- time ------------------------------------------------------------------------------------

    def _reset_timeout(self, duration: float | None = None) -> None:
        """One timer, moved only when it fires: cheaper than aiosmtpd's, a new one each command."""
        self._moved = self.loop.time()
        self._until = self._moved + (duration or self._timeout_duration)
        handle = self._timeout_handle
        if handle is None or self._until < handle.when():
            if handle is not None:
                handle.cancel()
            self._timeout_handle = self.loop.call_at(self._until, self._timeout_cb)

    def _timeout_cb(self) -> None:
        transport = self.transport
        if not isinstance(transport, asyncio.Transport):
            return
        if self._work is not None:  # the client waits for us
            self._until = self.loop.time() + self._timeout_duration
        if self.loop.time() < self._until:
            self._timeout_handle = self.loop.call_at(self._until, self._timeout_cb)
        elif transport.is_closing() or transport.get_write_buffer_size():
            transport.abort()  # it does not even read us
        else:
            self._door.event("client too slow", {"door": self.name})
            self.give_way()

    def silence(self, now: float) -> float:
        """Seconds since the client last brought us on; 0 while it waits for us, or leaves."""
        return 0.0 if self._work is not None or self._over else now - self._moved

    def give_way(self) -> None:
        """To another client: the door is full."""
        self._say(wording.IDLE)
        self._hang_up()

    # -- the end ---------------------------------------------------------------------------------

    def wind_up(self) -> None:
        """The door closes: at once for an idle client, after its transaction for another."""
        if self._work is None and self._transaction is None:
            self._say(wording.LEAVING)
            self._hang_up()

    def cut_off(self) -> None:
        """The door closes and can wait no longer. What was not answered will be tried again."""
        if self._work is not None:
            self._work.cancel()
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def _hang_up(self) -> None:
        self._over = True
        self._data = None
        self._write()
        if self.transport is not None and not self.transport.is_closing():
            self._reset_timeout(LINGER_SECONDS)
            self.transport.close()

    def _set_rset_state(self) -> None:
        """No transaction. Called by aiosmtpd, too, on a new connection and after STARTTLS."""
        self._transaction = None
        self._data = None
        self._ident = None

    # -- the conversation ------------------------------------------------------------------------

    def _welcome(self) -> None:
        settings = self._door.settings
        if not self._door.networks.allow(self._address):
            self._door.event("client refused", {"door": self.name, "client": self._address})
            self._say(wire(refused(554, "5.7.1", wording.NOT_A_CLIENT, settings.help)))
            self._hang_up()
        elif self._door.is_too_much(self._address):
            self._door.event("client limited", {"door": self.name, "client": self._address})
            self._say(wording.TOO_MANY_CONNECTIONS)
            self._hang_up()
        else:
            self._say(f"220 {settings.hostname} {self.greeting} Vaguemestre\r\n".encode())
            self._write()

    def _obey_all(self) -> None:
        """Every command that is here whole, until one must be waited for."""
        while self._work is None and self._data is None:
            if self._door.leaving and self._transaction is None and not self._over:
                self._say(wording.LEAVING)
                self._over = True
            line = None if self._over else self._next_line()
            if line is None:
                break
            self._obey(line)
        if self._work is None and (self._over or self._ended):
            self._hang_up()
        else:
            self._write()

    def _next_line(self) -> bytes | None:
        """The next command line that is here whole, without its end."""
        end = self._ahead.find(b"\n", self._at)
        if end < 0:
            if self._skipping or len(self._ahead) - self._at > COMMAND_OCTETS:
                self._skipping = True
                self._ahead, self._at = b"", 0
            return None
        line = self._ahead[self._at : end]
        self._at = end + 1
        if self._skipping or len(line) > COMMAND_OCTETS:
            self._skipping = False
            return _TOO_LONG
        return line

    def _obey(self, line: bytes) -> None:
        self._reset_timeout()
        try:
            if line is _TOO_LONG:
                raise Refusal(500, "5.5.2", "Ligne de commande trop longue")
            verb, _, rest = line.rstrip(b"\r").partition(b" ")
            name = verb.upper().decode("latin-1")
            if name not in self.verbs:
                raise Refusal(500, "5.5.1", "Commande inconnue")
            getattr(self, f"do_{name.lower()}")(_text(rest))
        except Refusal as refusal:
            self._refuse(refusal.reply)
            # Unread, it may be followed by a chunk of any length, which is no commands.
            self._over = self._over or line[:4].upper() == b"BDAT"
        except Exception as error:
            self._failed(error)
            # The rest of a content is no commands.
            self._over = self._over or self._data is not None
            self._set_rset_state()
            self._say(wire(try_later(new_id())))

    def _refuse(self, reply: Reply) -> None:
        self._say(wire(reply))
        address = reply.enhanced.startswith("5.1.")
        self._bad_commands += reply.code in _PROTOCOL_ERRORS and not address
        if self._bad_commands >= BAD_COMMANDS and not self._over:
            self._say(wording.TOO_MANY_ERRORS)
            self._over = True

    def _failed(self, error: Exception) -> None:
        self._door.event("session failed", {"door": self.name, "error": type(error).__name__})

    def _say(self, reply: bytes) -> None:
        self._out.append(reply)

    def _write(self) -> None:
        out, self._out = self._out, []
        if out and isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(b"".join(out))

    # -- what takes time -------------------------------------------------------------------------

    def _wait_for(self, work: Coroutine[None, None, None]) -> None:
        """Obey nothing more until `work` is done. A disconnect does not cancel it."""
        self._work = asyncio.create_task(self._finish(work))

    async def _finish(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except TLSSetupException:
            self._door.event("tls failed", {"door": self.name})
            self.connection_lost(None)  # nobody else will say so
        except Exception as error:
            self._failed(error)
            self._say(wire(try_later(new_id())))
            self._over = True
        finally:
            self._work = None
            self._reset_timeout()
            if self.transport is None:
                self._leave_door()
            else:
                self._resume_reading()
        self._obey_all()

    async def push(self, status: AnyStr) -> None:
        """For what aiosmtpd says itself: STARTTLS's 220."""
        self._say((status.encode() if isinstance(status, str) else status) + b"\r\n")
        self._write()

    async def _start_tls(self) -> None:
        await super().smtp_STARTTLS("")
        if self.session is None or self.session.ssl is None:  # it left during the handshake
            raise TLSSetupException


def _text(argument: bytes) -> str:
    try:
        return argument.strip(b" ").decode()
    except UnicodeDecodeError:
        raise Refusal(501, "5.5.2", "Commande incorrecte : ni ASCII ni UTF-8") from None
