"""The PROXY protocol before the doors: who is believed, and what is no header."""

from __future__ import annotations

import ipaddress
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.receive import door, proxy
from gateway.receive.proxy import Malformed, version_1, version_2
from tests.unit.receive.mta import connect, offer
from tests.unit.receive.talk import Client, on_stage, play
from tests.unit.receive.test_connection import client_tls, server_tls

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
CLIENT = "192.0.2.7"
LINE = f"PROXY TCP4 {CLIENT} 192.0.2.1 4711 25\r\n".encode()
PROXIED = {"proxies": ("127.0.0.1/32",), "clients": ("192.0.2.0/24", "2001:db8::/32")}


def binary(command: int = 0x21, kind: int = 0x11, rest: bytes | None = None, more: bytes = b""):
    if rest is None:
        size = 4 if kind == 0x11 else 16
        source = ipaddress.ip_address(CLIENT if size == 4 else "2001:db8::7").packed
        rest = source + bytes(size) + (4711).to_bytes(2, "big") + (25).to_bytes(2, "big") + more
    return SIGNATURE + bytes((command, kind)) + len(rest).to_bytes(2, "big") + rest


@pytest.mark.parametrize(
    ("line", "peer"),
    [
        (LINE, (CLIENT, 4711)),
        (b"PROXY TCP6 2001:db8::7 ::1 0 65535\r\n", ("2001:db8::7", 0)),
        (b"PROXY TCP6 2001:DB8:0:0:0:0:0:7 ::1 1 1\r\n", ("2001:db8::7", 1)),
        (b"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 1\r\n", (CLIENT, 1)),
        (b"PROXY UNKNOWN\r\n", None),
        (b"PROXY UNKNOWN ffff::1 anything 1 2\r\n", None),
    ],
)
def test_a_line_says_who_is_behind(line, peer):
    assert version_1(line) == peer


NO_LINES = [
    b"PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25 x\r\n",
    b"PROXY  TCP4 192.0.2.7 192.0.2.1 4711 25\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25 \r\n",
    b"PROXY TCP4 2001:db8::7 ::1 4711 25\r\n",
    b"PROXY TCP6 192.0.2.7 192.0.2.1 4711 25\r\n",
    b"PROXY TCP6 fe80::1%lo ::1 4711 25\r\n",
    b"PROXY TCP4 192.0.2.07 192.0.2.1 4711 25\r\n",
    b"PROXY TCP4 192.0.2.7 mx 4711 25\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 65536 25\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 -1 25\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 047 25\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 \r\n",
    b"PROXY UDP4 192.0.2.7 192.0.2.1 4711 25\r\n",
    b"PROXY tcp4 192.0.2.7 192.0.2.1 4711 25\r\n",
    b"PROXY unknown\r\n",
    b"PROXY TCP4 \xff 192.0.2.1 4711 25\r\n",
    b"PROXY TCP4 192.0.2.7\0 192.0.2.1 4711 25\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\nX\r\n",
    b"PROXY \r\n",
]


@pytest.mark.parametrize("line", NO_LINES)
def test_what_is_not_by_the_book_is_no_line(line):
    with pytest.raises(Malformed):
        version_1(line)


@pytest.mark.parametrize(
    ("header", "peer"),
    [
        (binary(), (CLIENT, 4711)),
        (binary(kind=0x21), ("2001:db8::7", 4711)),
        (binary(more=b"\x01\x00\x02h2"), (CLIENT, 4711)),
        (binary(command=0x20), None),
        (binary(command=0x20, kind=0, rest=b""), None),
        (binary(kind=0, rest=b"anything"), None),
        (binary(kind=0x12), None),
        (binary(kind=0x31, rest=bytes(216)), None),
    ],
)
def test_a_binary_header_says_who_is_behind(header, peer):
    assert version_2(header[:16], header[16:]) == peer


@pytest.mark.parametrize(
    "header",
    [
        binary(command=0x11),
        binary(command=0x31),
        binary(command=0x22),
        binary(kind=0x41),
        binary(kind=0x13),
        binary(rest=bytes(11)),
        binary(kind=0x21, rest=bytes(35)),
    ],
)
def test_what_is_not_by_the_book_is_no_binary_header(header):
    with pytest.raises(Malformed):
        version_2(header[:16], header[16:])


@given(st.binary(max_size=110), st.binary(min_size=4, max_size=4), st.binary(max_size=60))
def test_any_bytes_are_a_header_or_none(line, head, rest):
    for read, said in (
        (version_1, (b"PROXY " + line,)),
        (version_2, (SIGNATURE + head, rest)),
    ):
        try:
            peer = read(*said)
        except Malformed:
            continue
        assert peer is None or ipaddress.ip_address(peer[0])


def scene(**settings):
    def decorate(test):
        def run():
            async def whole():
                async with on_stage(**PROXIED | settings) as stage:
                    await test(stage)

            play(whole)

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate


@pytest.mark.parametrize("header", [LINE, binary(), binary(more=bytes(508))])
@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_the_client_behind_is_the_client(header, protocol):
    """For the list of clients, the trace and the log; the header may come with what follows."""

    @scene(protocol=protocol)
    async def whole(stage):
        client = await stage.client()
        hello = b"LHLO x\r\n" if protocol == "lmtp" else b"EHLO x\r\n"
        client.say(header + hello)
        assert (await client.reply()).startswith("220")
        assert (await client.reply()).startswith("250")
        await client.envelope()
        assert (await client.ask("x\r\n.")).startswith("250")
        (mail,) = stage.journey.mails
        assert (mail.client.address, mail.client.port) == (CLIENT, 4711)
        assert f"([{CLIENT}])".encode() in mail.trace
        assert stage.door.load.of_client(CLIENT) == 1
        assert stage.door.load.of_client("127.0.0.1") == 0

    whole()


@scene()
async def test_a_header_octet_by_octet_is_a_header(stage):
    client = await stage.client()
    for octet in LINE:
        client.say(bytes([octet]))
        await client.writer.drain()
    assert (await client.reply()).startswith("220")


@pytest.mark.parametrize(
    "said",
    [
        b"EHLO client.example\r\n",
        LINE.replace(b"192.0.2.7", b"192.0.2.x"),
        b"PROXY TCP4 " + b"1" * 200,
        b"PROXY " + b"\n" * 200,
        binary(rest=bytes(521)),
        binary(command=0x2F),
        b"\r\n\r\n\x00\r\nQUIT\r" + bytes(10),
        b"\0" * 20,
        b"\x16\x03\x01" + bytes(20),
    ],
)
def test_a_balancer_that_says_no_header_is_heard_no_further(said):
    @scene()
    async def whole(stage):
        client = await stage.client()
        client.say(said)
        assert await client.rest() == ""
        told = {"door": "smtp", "client": "127.0.0.1"}
        assert stage.journey.events == [("proxy header refused", told)]
        assert stage.door.load.connections == 0

    whole()


@scene()
async def test_a_client_behind_that_may_not_relay_is_told_so(stage):
    client = await stage.client()
    client.say(LINE.replace(b"192.0.2.7", b"198.51.100.7"))
    assert (await client.rest()).startswith("554 5.7.1")


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", binary(command=0x20, rest=b"")])
def test_a_balancer_that_speaks_for_itself_is_itself_a_client_or_none(header):
    @scene()
    async def stranger(stage):
        client = await stage.client()
        client.say(header)
        assert (await client.rest()).startswith("554")

    @scene(clients=("127.0.0.1/32",))
    async def known(stage):
        client = await stage.client()
        client.say(header)
        assert (await client.reply()).startswith("220")

    stranger()
    known()


@scene(proxies=("192.0.2.0/24",), clients=("127.0.0.1/32",))
async def test_from_anybody_else_a_header_is_no_command(stage):
    client = await stage.client()
    client.say(LINE)
    assert (await client.reply()).startswith("220")
    assert (await client.reply()).startswith("500")
    await client.ask("EHLO x")
    await client.envelope()
    await client.ask("x\r\n.")
    assert stage.journey.mails[0].client.address == "127.0.0.1"


@scene(connections_per_client=2)
async def test_limits_are_those_of_the_client_behind(stage):
    for _ in range(2):
        client = await stage.client()
        client.say(LINE)
        assert (await client.reply()).startswith("220")
    third, other = await stage.client(), await stage.client()
    third.say(LINE)
    other.say(LINE.replace(b"192.0.2.7", b"192.0.2.8"))
    assert (await third.rest()).startswith("421 4.7.0")
    assert (await other.reply()).startswith("220")


@scene(connections=3)
async def test_headers_that_do_not_come_are_limited_and_let_nobody_wait_behind_them(stage):
    slow = [await stage.client() for _ in range(3)]
    for client in slow:
        client.say(b"PROXY TCP4")
    assert await (await stage.client()).rest() == ""
    assert ("client limited", {"door": "smtp", "client": "127.0.0.1"}) in stage.journey.events
    slow[0].say(LINE.removeprefix(b"PROXY TCP4"))
    assert (await slow[0].reply()).startswith("220")
    assert (await slow[0].ask("NOOP")).startswith("250")


def test_a_header_that_takes_its_time_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(door, "PROXY_SECONDS", 0.05)

    @scene()
    async def whole(stage):
        client = await stage.client()
        client.say(LINE[:-2])
        assert await client.rest() == ""

    whole()
    assert proxy.SECONDS <= 30, "a slow balancer must not hold a place for long"


@scene(protocol="submissions", implicit=True, tls=server_tls())
async def test_the_header_comes_before_tls(stage):
    client = await stage.client()
    client.say(LINE)
    await client.writer.drain()
    await client.writer.start_tls(client_tls(), server_hostname="gw.example")
    assert (await client.reply()).startswith("220")
    assert stage.door.load.of_client(CLIENT) == 1


@scene(protocol="submissions", implicit=True, tls=server_tls())
async def test_a_header_within_tls_is_none(stage):
    client = await stage.client()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await client.writer.start_tls(client_tls(), server_hostname="gw.example")


@scene(protocol="submissions", implicit=True, tls=server_tls(), connections_per_client=1)
async def test_who_behind_it_begins_handshakes_and_ends_none_is_limited(stage):
    for address in (CLIENT, "192.0.2.8"):
        (await stage.client()).say(LINE.replace(b"192.0.2.7", address.encode()))
    again = await stage.client()
    again.say(LINE)
    assert await again.rest() == ""
    assert ("client limited", {"door": "submissions", "client": CLIENT}) in stage.journey.events


@scene(tls=server_tls())
async def test_starttls_keeps_the_client_behind(stage):
    client = await stage.client()
    client.say(LINE)
    await client.hello()
    await client.ask("STARTTLS")
    await client.writer.start_tls(client_tls(), server_hostname="gw.example")
    await client.ask("EHLO x")
    await client.envelope()
    await client.ask("x\r\n.")
    assert stage.journey.mails[0].client.address == CLIENT


@scene(protocol="milter")
async def test_the_milter_door_knows_it_too(stage):
    client = await stage.client()
    client.say(LINE + offer() + connect())
    assert (await client.reader.readexactly(5))[4:] == b"O"
    assert stage.door.load.of_client(CLIENT) == 1


@scene()
async def test_a_door_that_closes_waits_for_no_header(stage):
    client: Client = await stage.client()
    client.say(b"PROXY")
    await client.writer.drain()
    await stage.door.close(grace=5)
    assert await client.rest() == ""
