"""Frames, and the way they go: to real sockets, with and without TLS."""

from __future__ import annotations

import re
import socket
import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from gateway.watch.syslog import FACILITIES, Collector, Line, frame
from tests.collector import Collecting

AUTHORITY = trustme.CA()
STRANGER = trustme.CA()


def trusting(client: bool = False) -> ssl.SSLContext:
    made = ssl.create_default_context()
    AUTHORITY.configure_trust(made)
    if client:
        AUTHORITY.issue_cert("node-1.ch-exemple.example").configure_cert(made)
    return made


def serving(authority=AUTHORITY, name="127.0.0.1", client=False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    if client:
        made.verify_mode = ssl.CERT_REQUIRED
        AUTHORITY.configure_trust(made)
    return made


def test_a_frame_as_rfc_5424_has_it():
    made = frame(
        b'{"a": 1}',
        facility="local0",
        severity=5,
        at=1_700_000_000.25,
        host="node-1",
        name="sign-in-failed",
    )
    assert made == (
        b'<133>1 2023-11-14T22:13:20.250Z node-1 vaguemestre - sign-in-failed - {"a": 1}'
    )


@given(st.sampled_from(sorted(FACILITIES)), st.integers(0, 7), st.text(max_size=300), st.text())
def test_whatever_a_host_is_called_the_header_stays_a_header(facility, severity, host, name):
    made = frame(b"m", facility=facility, severity=severity, at=0.0, host=host, name=name)
    assert re.fullmatch(
        rb"<\d{1,3}>1 1970-01-01T00:00:00.000Z [!-~]{1,255} vaguemestre - [!-~]{1,32} - m", made
    )


def test_over_tcp_octets_are_counted_so_that_a_message_may_hold_anything():
    several = [b"one", b"two\nlines", b"\xc3\xa9 12 345", b""]
    with Collecting() as there:
        line = Line(there.collector("tcp"))
        line.send(several)
        line.send([b"later"])
        assert there.wait(5) == [*several, b"later"]
        line.close()
    assert there.connections == 1


@pytest.mark.parametrize("client", [False, True], ids=["server", "both sides"])
def test_over_tls(client):
    with Collecting(serving(client=client)) as there:
        line = Line(there.collector("tls"), trusting(client))
        line.send([b"sealed"])
        assert there.wait(1) == [b"sealed"]
        line.close()


@pytest.mark.parametrize(
    ("server", "context"),
    [
        (serving(STRANGER), trusting()),
        (serving(name="other.example"), trusting()),
        (serving(client=True), trusting()),
    ],
    ids=["a stranger's certificate", "another's name", "we show none where one is asked for"],
)
def test_nothing_goes_to_whom_tls_does_not_vouch_for(server, context):
    with Collecting(server) as there:
        line = Line(there.collector("tls"), context)
        with pytest.raises(OSError):
            line.send([b"sealed"])
        line.close()
        assert there.taken == []


def test_a_collector_that_left_is_noticed_before_it_is_written_to():
    with Collecting() as there:
        line = Line(there.collector("tcp"))
        line.send([b"before"])
        there.wait(1)
        there.hang_up()
        line.send([b"after"])  # over a new connection, by itself
        assert there.wait(2) == [b"before", b"after"]
        line.close()
    assert there.connections == 2


def test_what_a_collector_does_not_acknowledge_did_not_come(monkeypatch):
    monkeypatch.setattr("gateway.watch.syslog.SECONDS", 0.2)
    with socket.create_server(
        ("127.0.0.1", 0)
    ) as deaf:  # it accepts, by its backlog, and never reads
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line = Line(Collector("tcp", "127.0.0.1", deaf.getsockname()[1]))
        with pytest.raises(OSError):
            line.send([b"x" * 1000] * 10_000)
        line.close()


def test_nobody_there_is_an_error_and_the_next_try_a_new_one():
    with Collecting() as there:
        where = there.collector("tcp")
    line = Line(where)
    for _ in range(2):
        with pytest.raises(OSError):
            line.send([b"x"])


@pytest.mark.parametrize("way", ["udp", "unix"])
def test_to_this_machine_a_datagram_a_message(way, tmp_path):
    family, address = {
        "udp": (socket.AF_INET, ("127.0.0.1", 0)),
        "unix": (socket.AF_UNIX, str(tmp_path / "log")),
    }[way]
    with socket.socket(family, socket.SOCK_DGRAM) as there:
        there.bind(address)
        there.settimeout(60)
        name = there.getsockname()
        collector = Collector("unix", path=name) if way == "unix" else Collector("udp", *name)
        line = Line(collector)
        line.send([b"one", b"two"])
        assert [there.recv(100), there.recv(100)] == [b"one", b"two"]
        line.close()
