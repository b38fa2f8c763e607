"""What the parts are made of: the header that everybody sees, routes, deadlines."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway import hops, parts
from gateway.config import Config
from gateway.store.keys import address_hash
from gateway.store.tickets import ticket

NIR = "285097599999837"


def config(**more: object) -> Config:
    written = {"domains": ["ch.example"], "relay": {"default": {"host": "127.0.0.1"}}, **more}
    return Config.model_validate(written, context={"base": Path.cwd()})


@pytest.mark.parametrize(
    ("head", "told", "why"),
    [
        (b"From: a@ch.example\r\nSubject: Message chiffre\r\n", False, "nothing is in it"),
        (b"From: Mme Anne TESTEUR <a@ch.example>\r\n", False, "a name alone is nothing"),
        (f"To: {NIR}@patient.example\r\n".encode(), True, "an INS in an address is a NIR"),
        (f"Subject: =?utf-8?q?{NIR}?=\r\n".encode(), True, "decoded before it is examined"),
        (b"Content-Type: application/pkcs7-mime\r\n", False, "S/MIME has no text, and no finding"),
    ],
)
def test_a_visible_header_is_examined_as_the_detectors_would(head, told, why):
    assert parts._examine(head) is told, why


def test_the_most_precise_route_is_asked_first():
    written = {"*.fr": {"host": "a"}, "mssante.fr": {"host": "b"}, "*.chu.fr": {"host": "c"}}
    routes = hops.routes(config(relay={"default": {"host": "d"}, "routes": written}))
    assert [name for name, _ in routes.by_domain] == ["mssante.fr", "*.chu.fr", "*.fr"]


def test_a_hold_is_reminded_of_before_it_is_cancelled():
    friday = 1795168800.0  # 20 November 2026, 10:00 in Paris
    remind, until = parts.deadlines(config())(friday)
    assert friday < remind < until
    assert until - friday > 3 * 86400, "three working days, over a week-end"


# The sender's page


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ({}, ""),
        ({"notices": {"url": "https://old.chu.example/"}}, "https://old.chu.example"),
        ({"console": {"url": "https://q.chu.example/"}}, "https://q.chu.example"),
        (
            {
                "console": {"url": "https://q.chu.example"},
                "notices": {"url": "https://old.chu.example"},
            },
            "https://q.chu.example",
        ),
        ({"console": None, "notices": {"url": "https://x.example"}}, "https://x.example"),
    ],
)
def test_letters_link_to_the_console_where_its_address_is_given(written, url):
    assert parts.notices(config(**written), lambda rule: "", bytes(32)).url == url


@pytest.mark.parametrize(
    ("sender", "may"),
    [
        ("Labo@CHU.example", True),
        ("anybody@urgences.chu.example", True),
        ("labo@urgences.chu.example", True),
        ("other@chu.example", False),
        ("a@labo@chu.example", False),
        ("", False),
    ],
)
def test_who_may_send_urgently(sender, may):
    written = {"urgent": ["labo@chu.example", "@Urgences.chu.example"]}
    assert parts.urges(config(console=written))(sender) is may


def test_a_bundled_letter_opens_a_page_to_its_sender_alone():
    key, sender = bytes(32), "a@chu.example"
    held = SimpleNamespace(id="AAAA-0001", sender_hash=address_hash(key, sender), received=1.5)
    of = parts.tickets(key)
    assert of(held, [sender.upper()]) == ticket(key, held.id, held.sender_hash, 1.5)
    assert of(held, ["b@chu.example"]) == ""
