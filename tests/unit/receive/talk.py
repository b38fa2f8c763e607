"""What the tests of the doors share: a door on a real socket, a journey that notes, a client."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

from gateway.model import Mail, Reply
from gateway.receive.door import Door, DoorSettings

DONE = Reply(250, "2.0.0", ("Ok",))
BUSY = Reply(451, "4.3.0", ("plus tard",))
NO = Reply(550, "5.7.1", ("ne part pas",))


class Journey:
    """Notes every mail; answers `replies` by address, `reply` for the others.

    `held`: an event each mail waits for; `error`: what is raised instead.
    """

    def __init__(self, reply: Reply = DONE, replies: Mapping[str, Reply] | None = None) -> None:
        self.reply, self.known = reply, dict(replies or {})
        self.held: asyncio.Event | None = None
        self.error: Exception | None = None
        self.mails: list[Mail] = []
        self.finished: list[str] = []
        self.answered: list[tuple[str, bool]] = []
        self.events: list[tuple[str, Mapping[str, object]]] = []
        self.changed = asyncio.Condition()

    async def process(self, mail: Mail) -> Mapping[str, Reply]:
        self.mails.append(mail)
        await self._tell()
        if self.held is not None:
            await self.held.wait()
        self.finished.append(mail.id)
        if self.error is not None:
            raise self.error
        return {a: self.known.get(a, self.reply) for a in mail.envelope.addresses}

    async def note(self, mail: Mail, heard: bool) -> None:
        self.answered.append((mail.id, heard))
        await self._tell()

    def event(self, name: str, fields: Mapping[str, object]) -> None:
        self.events.append((name, fields))

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        async with self.changed, asyncio.timeout(10):
            await self.changed.wait_for(true)

    @property
    def heard(self) -> list[bool]:
        return [heard for _, heard in self.answered]


class Client:
    """Raw: says exactly these bytes, reads whole replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, *lines: str | bytes) -> None:
        for line in lines:
            self.writer.write(line if isinstance(line, bytes) else f"{line}\r\n".encode())

    async def reply(self) -> str:
        """One reply, its lines joined; "" at the end of the connection."""
        lines = []
        async with asyncio.timeout(10):
            while line := (await self.reader.readline()).decode():
                lines.append(line.rstrip("\r\n"))
                if line[3:4] != "-":
                    break
        return "\n".join(lines)

    async def ask(self, *lines: str | bytes) -> str:
        """Say these, one reply each; the last one is given back."""
        answer = ""
        for line in lines:
            self.say(line)
            answer = await self.reply()
        return answer

    async def rest(self) -> str:
        """All that is still said, to the end of the connection; a reset is an end, too."""
        said = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(10):
                while piece := await self.reader.read(2**16):
                    said += piece
        return said.decode("latin-1")

    async def hello(self) -> Client:
        await self.reply()
        await self.ask("EHLO client.example")
        return self

    async def envelope(self, *to: str, sender: str = "agent@cpam.example") -> str:
        """MAIL, RCPT… and DATA; gives the reply to DATA."""
        mail = f"MAIL FROM:<{sender}>"
        return await self.ask(mail, *(f"RCPT TO:<{a}>" for a in to or ("b@b.example",)), "DATA")

    def vanish(self) -> None:
        self.writer.transport.abort()


class Stage:
    def __init__(self, door: Door, journey: Journey, sock: socket.socket) -> None:
        self.door, self.journey = door, journey
        self.address = sock.getsockname()
        self.clients: list[Client] = []

    @property
    def port(self) -> int:
        return int(self.address[1])

    async def client(self, **options: object) -> Client:
        pair = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20, **options)
        self.clients.append(Client(*pair))
        return self.clients[-1]

    async def hello(self) -> Client:
        return await (await self.client()).hello()


@asynccontextmanager
async def on_stage(journey: Journey | None = None, **settings: object) -> AsyncIterator[Stage]:
    sock = socket.create_server(("127.0.0.1", 0))
    journey = journey or Journey()
    login = settings.pop("login", None)
    wanted = {"protocol": "smtp", "hostname": "gw.example"} | settings
    door = Door(
        DoorSettings(**wanted), journey.process, journey.note, event=journey.event, login=login
    )
    serving = asyncio.create_task(door.serve(sock))
    stage = Stage(door, journey, sock)
    try:
        yield stage
    finally:
        for client in stage.clients:
            client.vanish()
        await door.close(grace=5)
        await serving
        sock.close()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def with_limit() -> None:
        async with asyncio.timeout(60):
            await scene()

    asyncio.run(with_limit())


@contextmanager
def clock() -> Iterator[list[float]]:
    """A list whose only item is the loop's time, in seconds; long before the end of `play`, which
    counts from the start of the machine."""
    loop, now = asyncio.get_running_loop(), [-1e6]
    loop.time = lambda: now[0]
    try:
        yield now
    finally:
        del loop.time


class Wire(asyncio.Transport):
    """A transport in memory: pieces go in exactly as cut, replies are gathered."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 4711)})
        self.sent = b""
        self.closing = self.paused = False
        self.protocol: asyncio.Protocol | None = None

    def write(self, data: bytes) -> None:
        self.sent += data

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        if not self.closing and self.protocol is not None:
            self.closing = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


async def spin(turns: int = 6) -> None:
    """Let what is ready run."""
    for _ in range(turns):
        await asyncio.sleep(0)


def wired(journey: Journey, **settings: object) -> tuple[Door, Wire, asyncio.Protocol]:
    """A door, and a client connected to it in memory."""
    wanted = {"protocol": "smtp", "hostname": "gw.example"} | settings
    door = Door(DoorSettings(**wanted), journey.process, journey.note, event=journey.event)
    wire, protocol = Wire(), door.connection()
    wire.protocol = protocol
    protocol.connection_made(wire)
    return door, wire, protocol


async def converse(journey: Journey, pieces: list[bytes], **settings: object) -> str:
    """All replies of a door to these pieces, each delivered by itself, then the end."""
    door, wire, protocol = wired(journey, **settings)
    for piece in pieces:
        if wire.closing:
            break
        protocol.data_received(piece)
        await spin()
    if not wire.closing:
        protocol.eof_received()
    await spin()
    assert door.load.connections == door.load.octets == 0
    await door.close(grace=5)
    return wire.sent.decode("ascii")
