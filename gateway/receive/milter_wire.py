"""The milter protocol, version 6, without any I/O: bytes in, frozen events out, answers as bytes.

As spoken by Sendmail's libmilter (`include/libmilter/mfdef.h`) and by Postfix (`milter8.c`): each
packet is a length of four octets, big-endian, that counts what follows it: one octet that names
the command, and its data. Nothing here decides anything: `receive.milter` does. A peer that breaks
the framing cannot be understood any more, so that is an error; what a known command carries is
checked only as far as it can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag

VERSION = 6
LEAST_VERSION = 2
PACKET_OCTETS = 16 * 1024 * 1024  # MTAs send 64 KB of body at most, and a header field whole
BODY_OCTETS = 65_535  # of one replaced piece: MILTER_CHUNK_SIZE
_LENGTH = 4


class Actions(IntFlag):
    """What a milter may ask of the MTA (SMFIF_*)."""

    ADD_HEADERS = 0x01
    CHANGE_BODY = 0x02
    ADD_RECIPIENTS = 0x04
    DELETE_RECIPIENTS = 0x08
    CHANGE_HEADERS = 0x10
    QUARANTINE = 0x20
    CHANGE_SENDER = 0x40
    ADD_RECIPIENTS_WITH_PARAMETERS = 0x80
    SET_MACROS = 0x100


class Steps(IntFlag):
    """What an MTA may leave out, wait for, or do besides (SMFIP_*)."""

    NO_CONNECT = 0x01
    NO_HELO = 0x02
    NO_MAIL = 0x04
    NO_RCPT = 0x08
    NO_BODY = 0x10
    NO_HEADERS = 0x20
    NO_END_OF_HEADERS = 0x40
    SILENT_HEADER = 0x80
    NO_UNKNOWN = 0x100
    NO_DATA = 0x200
    SKIP = 0x400
    REJECTED_RECIPIENTS = 0x800
    SILENT_CONNECT = 0x1000
    SILENT_HELO = 0x2000
    SILENT_MAIL = 0x4000
    SILENT_RCPT = 0x8000
    SILENT_DATA = 0x10000
    SILENT_UNKNOWN = 0x20000
    SILENT_END_OF_HEADERS = 0x40000
    SILENT_BODY = 0x80000
    LEADING_SPACE = 0x100000


class WireError(Exception):
    """The peer does not speak the protocol. Its text quotes nothing of what came."""


@dataclass(frozen=True, slots=True)
class Negotiate:
    version: int
    actions: Actions
    steps: Steps


@dataclass(frozen=True, slots=True)
class Macros:
    """stage: the command octet that follows. values: names as given, "i" or "{client_addr}"."""

    stage: str
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connect:
    """address: "" where the client's is unknown or a local socket."""

    hostname: str
    address: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class Helo:
    name: str


@dataclass(frozen=True, slots=True)
class MailFrom:
    """arguments: the path as given, "<a@b.fr>", then ESMTP parameters."""

    arguments: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RcptTo:
    arguments: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataBegins:
    pass


@dataclass(frozen=True, slots=True)
class Header:
    """value: with the space after the colon where `Steps.LEADING_SPACE` was agreed upon."""

    name: bytes
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndOfHeaders:
    pass


@dataclass(frozen=True, slots=True)
class Body:
    piece: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndOfMessage:
    """piece: the body's last, which some MTAs send along; there is one answer to both."""

    piece: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Abort:
    """This message comes no further; the connection goes on."""


@dataclass(frozen=True, slots=True)
class Quit:
    pass


@dataclass(frozen=True, slots=True)
class NextClient:
    """The SMTP connection ended, and another one will use this milter connection."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An SMTP command that the MTA does not know; a packet from a later protocol."""


Event = (
    Negotiate
    | Macros
    | Connect
    | Helo
    | MailFrom
    | RcptTo
    | DataBegins
    | Header
    | EndOfHeaders
    | Body
    | EndOfMessage
    | Abort
    | Quit
    | NextClient
    | Unknown
)


class Wire:
    """One connection's bytes. `feed` takes them in pieces of any size."""

    def __init__(self) -> None:
        self._ahead = bytearray()

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that are now whole. Raises WireError; nothing can be fed after that."""
        self._ahead += data
        at = 0
        try:
            while len(self._ahead) - at >= _LENGTH:
                start = at + _LENGTH
                length = int.from_bytes(self._ahead[at:start], "big")
                if not 0 < length <= PACKET_OCTETS:
                    raise WireError("a packet of an impossible length")
                if len(self._ahead) < start + length:
                    break
                packet = bytes(self._ahead[start : start + length])
                at = start + length
                read = _READERS.get(chr(packet[0]))
                yield Unknown() if read is None else read(packet[1:])
        finally:
            del self._ahead[:at]

    @property
    def waiting(self) -> int:
        """Octets of a packet that is not yet whole."""
        return len(self._ahead)


def _negotiate(data: bytes) -> Event:
    if len(data) < 12:
        raise WireError("a negotiation that is too short")
    version, actions, steps = (int.from_bytes(data[at : at + 4], "big") for at in (0, 4, 8))
    return Negotiate(version, Actions(actions), Steps(steps))


def _macros(data: bytes) -> Event:
    if not data:
        raise WireError("macros of no command")
    words = [_text(word) for word in _strings(data[1:])]
    return Macros(chr(data[0]), dict(zip(words[::2], words[1::2], strict=False)))


def _connect(data: bytes) -> Event:
    hostname, end, rest = data.partition(b"\0")
    if not end or not rest:
        raise WireError("a client without a family")
    family, port = rest[:1], int.from_bytes(rest[1:3], "big")
    if family not in (b"4", b"6"):
        return Connect(_text(hostname))
    address = _text(rest[3:].partition(b"\0")[0])
    return Connect(_text(hostname), address.removeprefix("IPv6:"), port)


def _header(data: bytes) -> Event:
    name, end, value = data.partition(b"\0")
    if not end or not value.endswith(b"\0"):
        raise WireError("a header field without its end")
    return Header(name, value[:-1])


def _path(kind: type[MailFrom] | type[RcptTo]) -> Callable[[bytes], Event]:
    def read(data: bytes) -> Event:
        arguments = tuple(_strings(data))
        if not arguments:
            raise WireError("an envelope address that is missing")
        return kind(arguments)

    return read


_READERS: Mapping[str, Callable[[bytes], Event]] = {
    "O": _negotiate,
    "D": _macros,
    "C": _connect,
    "H": lambda data: Helo(_text(data.rstrip(b"\0"))),
    "M": _path(MailFrom),
    "R": _path(RcptTo),
    "T": lambda _: DataBegins(),
    "L": _header,
    "N": lambda _: EndOfHeaders(),
    "B": Body,
    "E": EndOfMessage,
    "A": lambda _: Abort(),
    "Q": lambda _: Quit(),
    "K": lambda _: NextClient(),
}


def _strings(data: bytes) -> Sequence[bytes]:
    """Each ends with a zero octet; what follows the last one is not a string."""
    return data.split(b"\0")[:-1]


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


# -- what we say -----------------------------------------------------------------------------------


def _packet(command: str, data: bytes = b"") -> bytes:
    return (len(data) + 1).to_bytes(_LENGTH, "big") + command.encode() + data


CONTINUE = _packet("c")
ACCEPT = _packet("a")
DISCARD = _packet("d")
PROGRESS = _packet("p")


def negotiated(version: int, actions: Actions, steps: Steps) -> bytes:
    return _packet("O", b"".join(n.to_bytes(4, "big") for n in (version, actions, steps)))


def replied(reply: bytes) -> bytes:
    """An SMTP reply of our own in place of the MTA's: its lines as sent, with their codes.

    Both MTAs read it as a format of printf: a percent sign is doubled."""
    return _packet("y", reply.removesuffix(b"\r\n").replace(b"%", b"%%") + b"\0")


def with_header(index: int, name: bytes, value: bytes) -> bytes:
    """A field more, before the one that stands at `index`; value: as `Header.value`, or folded with
    CRLF, which Postfix would write as CR CR LF."""
    value = value.replace(b"\r\n", b"\n")
    return _packet("i", index.to_bytes(4, "big") + name + b"\0" + value + b"\0")


def with_body(body: bytes) -> bytes:
    """Another body in place of the one that came."""
    pieces = range(0, len(body) or 1, BODY_OCTETS)
    return b"".join(_packet("b", body[at : at + BODY_OCTETS]) for at in pieces)
