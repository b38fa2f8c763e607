"""A door: listens, lets clients in, and closes without breaking off what is under way.

Several processes accept on the same socket, each one connection at a time: a process that is busy
leaves the next to another. Limits count for this process alone. When there are too many clients,
they are let in all the same and told 451 at MAIL: a 421 at connect would make Postfix suspend the
whole destination. 421 is for one client that takes too much, and for mail programs.

While a door is full, those that come take the places of those that have been silent for longer than
`CROWDED_SECONDS`. Nobody else gives way: at twice its number the door stops accepting, and clients
wait in the socket's queue.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.ports import Answered, Login, Process
from gateway.receive.connection import Connection
from gateway.receive.hand_over import Event, HandOver
from gateway.receive.lmtp import LmtpSession
from gateway.receive.load import Load
from gateway.receive.lockout import Lockout
from gateway.receive.milter import MilterSession
from gateway.receive.origin import Networks, address_of
from gateway.receive.proxy import SECONDS as PROXY_SECONDS
from gateway.receive.proxy import Malformed, Peer, read_header
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
_CROWD = 2  # times `connections`: those beyond are not even accepted
CROWDED_SECONDS = 20.0  # of silence in a full door; Postfix under stress grants ten
_HANDSHAKE_SECONDS = 30.0
_BREATH_SECONDS = 0.5  # before accepting again where the machine has no more to give


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """protocol: a key of `_SESSIONS`. Sizes in octets. help: ends refusals.

    implicit: TLS from the first octet on, as on port 465.
    clients: networks that may relay; a unix socket's permissions are its list.
    proxies: networks whose connections begin with a PROXY header; on a unix socket, where there
             are any, all do.
    xclient: networks that may say in whose name they connect, by XCLIENT.
    memory:  of mail under way in this process.
    connections_per_client: by address. An MTA that asks the milter door is many clients: not there.
    exempt:  networks that it does not count for.
    compare: what must be a submitter's own: "envelope", "from" (the envelope and the From field),
             "nothing".
    """

    protocol: str
    hostname: str
    clients: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    proxies: tuple[str, ...] = ()
    xclient: tuple[str, ...] = ()
    size: int = 50 * 1024 * 1024
    recipients: int = 1000  # RFC 5321, 4.5.3.1.8 asks for 100 at least
    connections: int = 200
    connections_per_client: int = 100
    exempt: tuple[str, ...] = ()
    command_seconds: float = 300  # RFC 5321, 4.5.3.2.7
    data_seconds: float = 300
    deadline_seconds: float = 80  # from the final dot to our answer
    memory: int = 512 * 1024 * 1024
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    compare: str = "envelope"
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
        certificate: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """certificate: asked for each connection, in place of `settings.tls`."""
        if settings.tls is not None:
            least = ssl.TLSVersion.TLSv1_2
            settings.tls.minimum_version = max(settings.tls.minimum_version, least)
        self.settings = settings
        self._certificate = certificate
        self.networks = Networks(settings.clients)
        self.xclient = Networks(settings.xclient)
        self._proxies = Networks(settings.proxies)
        self._exempt = Networks(settings.exempt)
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
        self._greeting: dict[asyncio.Task[None], str] = {}  # and its client, once it is known
        self._closed = asyncio.Event()

    @property
    def tls(self) -> ssl.SSLContext | None:
        return self._certificate() if self._certificate else self.settings.tls

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
            await self._room()
            try:
                connected, peer = await loop.sock_accept(sock)
                client = address_of(peer)
                proxied = bool(self.settings.proxies) and self._proxies.allow(client[0])
                if proxied or self.settings.implicit:  # a slow one keeps nobody else out
                    self._greet(connected, client, proxied=proxied)
                else:
                    await loop.connect_accepted_socket(self.connection, connected)
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self.event("cannot accept", {"error": errno.errorcode[error.errno]})
                    await asyncio.sleep(_BREATH_SECONDS)

    async def _room(self) -> None:
        """Returns once there is some, while those who come wait in the socket's queue."""
        most, told = _CROWD * self.settings.connections, False
        while self.load.connections >= most and not self.leaving:
            if not self._make_room() and not told:
                self.event("door full", {"door": self.settings.protocol})
                told = True
            await asyncio.sleep(_BREATH_SECONDS)

    def _make_room(self) -> bool:
        """Part from those that have been silent for too long in a crowd, the longest first."""
        now = asyncio.get_running_loop().time()
        silent = [one for one in self._sessions if one.silence(now) >= CROWDED_SECONDS]
        silent.sort(key=lambda one: one.silence(now), reverse=True)
        few = silent[: self.load.connections - self.settings.connections + 1]
        if few:
            self.event("clients gave way", {"door": self.settings.protocol, "clients": len(few)})
        for one in few:
            one.give_way()
        return bool(few)

    def is_too_much(self, client: str) -> bool:
        """Whether this client has more connections than its share."""
        most = self.settings.connections_per_client
        return self.load.of_client(client) > most and not self._exempt.allow(client)

    def _greet(self, connected: socket.socket, client: Peer, *, proxied: bool) -> None:
        """Who is behind a proxy, and handshakes: no connections yet, with limits of the same
        number. Many clients come through one proxy, so it is not counted as one."""
        if len(self._greeting) >= self.settings.connections or not (
            proxied or self._has_place(client[0])
        ):
            self._limited(connected, client[0])
            return
        task = asyncio.create_task(self._greeted(connected, client, proxied=proxied))
        self._greeting[task] = "" if proxied else client[0]
        task.add_done_callback(self._greeting.pop)

    def _has_place(self, client: str) -> bool:
        several = list(self._greeting.values())
        few = several.count(client) < self.settings.connections_per_client
        return few or self._exempt.allow(client)

    def _limited(self, connected: socket.socket, client: str) -> None:
        self.event("client limited", {"door": self.settings.protocol, "client": client})
        connected.close()

    async def _greeted(self, connected: socket.socket, client: Peer, *, proxied: bool) -> None:
        if proxied:
            found = await self._behind(connected, client)
            if found is None:
                return
            client = found
            if not self._has_place(client[0]):
                self._limited(connected, client[0])
                return
            if task := asyncio.current_task():
                self._greeting[task] = client[0]
        loop, implicit = asyncio.get_running_loop(), self.settings.implicit
        try:
            await loop.connect_accepted_socket(
                lambda: self.connection(client),
                connected,
                ssl=self.tls if implicit else None,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if implicit else None,
            )
        except OSError:  # ssl.SSLError is one
            self.event("tls failed", {"door": self.settings.protocol})

    async def _behind(self, connected: socket.socket, proxy: Peer) -> Peer | None:
        """The client that a proxy connects for, or the proxy itself; None: closed."""
        try:
            async with asyncio.timeout(PROXY_SECONDS):
                return await read_header(connected) or proxy
        except (Malformed, EOFError, OSError):  # TimeoutError is an OSError
            connected.close()
            about = {"door": self.settings.protocol, "client": proxy[0]}
            self.event("proxy header refused", about)
            return None
        except asyncio.CancelledError:
            connected.close()
            raise

    def connection(self, client: Peer | None = None) -> Session:
        """The protocol of a new connection. client: None: whom the socket names."""
        return self._session(self, client)

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
        if self.load.connections >= self.settings.connections:
            self._make_room()
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
