"""A door: listens, lets clients in, and closes without breaking off what is under way.

Several processes accept on the same socket, each one connection at a time: a process that is busy
leaves the next to another. Limits count for this process alone. When there are too many clients,
they are let in all the same and told 451 at MAIL: a 421 at connect would make Postfix suspend the
whole destination. 421 is for one client that takes too much, and for mail programs.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.ports import Answered, Login, Process
from gateway.receive.connection import Connection
from gateway.receive.hand_over import Event, HandOver
from gateway.receive.lmtp import LmtpSession
from gateway.receive.load import Load
from gateway.receive.lockout import Lockout
from gateway.receive.milter import MilterSession
from gateway.receive.origin import Networks, address_of
from gateway.receive.smtp import SmtpSession
from gateway.receive.submission import SubmissionSession

Session = Connection | MilterSession
_SESSIONS: Mapping[str, type[Session]] = {
    "smtp": SmtpSession,
    "lmtp": LmtpSession,
    "milter": MilterSession,
    "submission": SubmissionSession,
    "submissions": SubmissionSession,
}
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
PER_CLIENT = 100  # connections; an MTA that asks the milter door is many clients
_HANDSHAKE_SECONDS = 30.0
_BREATH_SECONDS = 0.5  # before accepting again where the machine has no more to give


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """protocol: a key of `_SESSIONS`. Sizes in octets. help: ends refusals.

    implicit: TLS from the first octet on, as on port 465.
    clients: networks that may relay; a unix socket's permissions are its list.
    memory:  of mail under way in this process.
    """

    protocol: str
    hostname: str
    clients: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    size: int = 50 * 1024 * 1024
    recipients: int = 1000  # RFC 5321, 4.5.3.1.8 asks for 100 at least
    connections: int = 200
    connections_per_client: int = PER_CLIENT
    command_seconds: float = 300  # RFC 5321, 4.5.3.2.7
    data_seconds: float = 300
    deadline_seconds: float = 80  # from the final dot to our answer
    memory: int = 512 * 1024 * 1024
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    help: str = ""


class Door:
    def __init__(
        self,
        settings: DoorSettings,
        process: Process,
        answered: Answered,
        *,
        event: Event,
        login: Login | None = None,
    ) -> None:
        if settings.tls is not None:
            least = ssl.TLSVersion.TLSv1_2
            settings.tls.minimum_version = max(settings.tls.minimum_version, least)
        self.settings = settings
        self.networks = Networks(settings.clients)
        self.load = Load()
        self.hand_over = HandOver(process, answered, event)
        self.event = event
        self.login: Login = login or _nobody
        self.lockout = Lockout()
        self.leaving = False
        self._session = _SESSIONS[settings.protocol]
        self._sessions: set[Session] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._accepting: set[asyncio.Task[None]] = set()
        self._greeting: dict[asyncio.Task[None], str] = {}  # and its client
        self._closed = asyncio.Event()

    async def serve(self, sock: socket.socket) -> None:
        """Accept on a listening socket, shared with other processes; returns when closed."""
        sock.setblocking(False)
        accepting = asyncio.create_task(self._accept(sock))
        self._accepting.add(accepting)
        try:
            await asyncio.wait({accepting})
            if not accepting.cancelled():
                accepting.result()
            await self._closed.wait()
        finally:
            accepting.cancel()
            self._accepting.discard(accepting)

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while not self.leaving:
            try:
                connected, peer = await loop.sock_accept(sock)
                if self.settings.implicit:  # a slow handshake keeps nobody else out
                    self._greet(connected, address_of(peer)[0])
                else:
                    await loop.connect_accepted_socket(self.connection, connected)
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self.event("cannot accept", {"error": errno.errorcode[error.errno]})
                    await asyncio.sleep(_BREATH_SECONDS)

    def _greet(self, connected: socket.socket, client: str) -> None:
        """Handshakes are no connections yet, and have limits of the same number."""
        settings, clients = self.settings, list(self._greeting.values())
        too_many = clients.count(client) >= settings.connections_per_client
        if too_many or len(clients) >= settings.connections:
            self.event("client limited", {"door": settings.protocol, "client": client})
            connected.close()
            return
        task = asyncio.create_task(self._over_tls(connected))
        self._greeting[task] = client
        task.add_done_callback(self._greeting.pop)

    async def _over_tls(self, connected: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                self.connection,
                connected,
                ssl=self.settings.tls,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            )
        except OSError:  # ssl.SSLError is one
            self.event("tls failed", {"door": self.settings.protocol})

    def connection(self) -> Session:
        """The protocol of a new connection."""
        return self._session(self)

    async def close(self, grace: float = 30) -> None:
        """Stop accepting, let transactions under way finish within `grace` seconds, then close."""
        self.leaving = True
        for task in (*self._accepting, *self._greeting):
            task.cancel()
        for session in tuple(self._sessions):
            session.wind_up()
        try:
            async with asyncio.timeout(grace):
                await self._nobody.wait()
        except TimeoutError:
            for session in tuple(self._sessions):
                session.cut_off()
            await self._nobody.wait()
        await self.hand_over.settled()
        self._closed.set()

    def enter(self, session: Session, client: str) -> None:
        self._sessions.add(session)
        self._nobody.clear()
        self.load.enter(client)

    def leave(self, session: Session, client: str) -> None:
        self._sessions.discard(session)
        self.load.leave(client)
        if not self._sessions:
            self._nobody.set()


async def _nobody(user: str, password: str) -> Sequence[str] | None:
    return None
