"""What the parts are made of: the header that everybody sees, routes, deadlines."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import parts
from gateway.config import Config

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
    hops = {"*.fr": {"host": "a"}, "mssante.fr": {"host": "b"}, "*.chu.fr": {"host": "c"}}
    routes = parts.routes(config(relay={"default": {"host": "d"}, "routes": hops}))
    assert [name for name, _ in routes.by_domain] == ["mssante.fr", "*.chu.fr", "*.fr"]


def test_a_hold_is_reminded_of_before_it_is_cancelled():
    friday = 1795168800.0  # 20 November 2026, 10:00 in Paris
    remind, until = parts.deadlines(config())(friday)
    assert friday < remind < until
    assert until - friday > 3 * 86400, "three working days, over a week-end"
