"""What the portal is furnished with: a reader of answers, a gateway of text messages, a store."""

from __future__ import annotations

import asyncio
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from gateway import inspection, process
from gateway.act.portal_reply import Answer, File
from gateway.act.sms import Sms, number_of
from gateway.config import Config
from gateway.model import DEFAULT_LIMITS
from gateway.portal import furnish
from gateway.portal.colours import contrast, ink_on


class Here:
    """Reads here what a worker would."""

    async def read(self, content, limits, *, seconds):
        return inspection.read(content, limits)


BROKEN = b"PK\x03\x04broken"


@pytest.mark.parametrize(
    ("files", "unread"),
    [
        ((), 0),
        ((File("lettre.txt", b"merci"),), 0),
        ((File("x.zip", BROKEN),), 1),
        ((File("x.zip", BROKEN), File("y.txt", b"lisible")), 1),
        ((File("setup.exe", b"MZ\x90\x00" + b"\0" * 300),), 1),
    ],
    ids=["no file", "text", "damaged", "one of two", "a program"],
)
def test_files_that_nobody_can_read_are_counted(files, unread):
    count = furnish.reader(Here(), DEFAULT_LIMITS)
    assert asyncio.run(count(Answer("Bonjour", files))) == unread


def test_without_a_wall_no_file_counts_as_read():
    count = furnish.reader(None, DEFAULT_LIMITS)
    assert asyncio.run(count(Answer("", (File("a.txt", b"x"), File("b.txt", b"y"))))) == 2


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("06 39 98 12 34", "+33639981234"),
        ("+33 (6) 39.98.12.34", "+33639981234"),
        ("0033639981234", "+33639981234"),
        ("+32 470 12 34 56", "+32470123456"),
        ("12", ""),
        ("06 39 98 12 34; rm", ""),
        ("+0639981234", ""),
    ],
)
def test_numbers_are_written_as_the_network_has_them(written, number):
    assert number_of(written) == number


@pytest.fixture
def gateway():
    """A gateway of text messages: what it was asked, and with what it answers."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((dict(self.headers), body))
            self.send_response(500 if self.path == "/fails" else 202)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("form", "body", "sent"),
    [
        (
            "json",
            '{"to": {number}, "text": {text}}',
            b'{"to": "+33639981234", "text": "Code : \\"1\\""}',
        ),
        ("form", "to={number}&text={text}", b"to=%2B33639981234&text=Code+%3A+%221%22"),
    ],
)
def test_the_gateway_of_text_messages_is_asked_as_it_is_configured(gateway, form, body, sent):
    url, asked = gateway
    sms = Sms(url, body, form, "Bearer secret")
    assert asyncio.run(sms.send("+33639981234", 'Code : "1"'))
    [(headers, told)] = asked
    assert told == sent
    assert headers["Authorization"] == "Bearer secret"
    assert "secret" not in repr(sms)


def test_a_gateway_that_refuses_or_is_away_took_nothing(gateway):
    url, _ = gateway
    for where in (f"{url}/fails", "http://127.0.0.1:9/"):
        assert not asyncio.run(Sms(where, "{number}{text}").send("+33639981234", "x"))


@pytest.mark.parametrize(
    "colour", ["#000000", "#ffffff", "#0b5563", "#777777", "#e4003a", "#00ff00"]
)
def test_letters_stand_out_on_every_colour_of_a_house(colour):
    assert contrast(ink_on(colour), colour) >= 4.5


def test_the_portals_user_is_in_no_group_of_the_others(monkeypatch):
    entries = {"door": (11, 21), "release": (12, 22), "portal": (13, 23)}
    done = []

    class Entry:
        def __init__(self, name):
            self.pw_uid, self.pw_gid = entries[name]

    monkeypatch.setattr(process.os, "getuid", lambda: 0)
    monkeypatch.setattr(process.pwd, "getpwnam", Entry)
    monkeypatch.setattr(process.os, "umask", lambda mask: None)
    monkeypatch.setattr(process, "die_with_parent", lambda: None)
    for call in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(process.os, call, lambda what, call=call: done.append((call, what)))
    users = {"door": "door", "release": "release", "portal": "portal"}
    config = Config.model_validate(
        {"domains": ("a.example",), "users": users, "portal": {"url": "https://p.example"}},
        context={},
    )
    process.become(config, "portal", apart=True)
    assert done == [("setgroups", [23]), ("setgid", 23), ("setuid", 13)]
    done.clear()
    process.become(config, "release")
    assert done == [("setgroups", [21, 23]), ("setgid", 21), ("setuid", 12)]
