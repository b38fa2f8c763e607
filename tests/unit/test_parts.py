"""What the parts are made of: the header that everybody sees, routes, deadlines."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from gateway import hops, parts
from gateway.config import Config
from gateway.receive.trace import received_field
from gateway.store.keys import address_hash
from gateway.store.tickets import ticket
from tests.makers import sealing

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


def test_random_codes_and_message_ids_let_every_mail_be_encrypted():
    """One in eighty was held, for a "c7d4" in a UUID or a "Hb33" in our own code."""
    rng, channels = Random(7), parts.channels(config())
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for _ in range(1500):
        head, tail = ("".join(rng.choices(letters, k=4)) for _ in range(2))
        code, message_id = f"{head}-{tail}", f"{uuid.UUID(int=rng.getrandbits(128))}@ch.example"
        content = sealing.message(f"Message-ID: <{message_id}>")
        trace = received_field(
            name="mta", address="127.0.0.1", hostname="g", with_="SMTP", code=code, seconds=1e9
        )
        mail = replace(sealing.mail(content), id=code, trace=trace)
        assert channels.outside(mail) is not None, (code, message_id)


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
