"""Ordinary mail of texts alone never pays for the wall: the door reads it itself, whole."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from prometheus_client import CollectorRegistry

from gateway.model import DEFAULT_LIMITS, Coverage, Limits, Reading
from gateway.sandbox.timed import TimedInspector
from gateway.watch.metrics import Metrics
from tests.makers import documents, mails, prose

KEY = b"k" * 32
LETTER = prose.mixture(Random(1), 6_000, share=0.3)
PAGE = "<html><head><style>p{color:red}</style></head><body><p>" + LETTER + "</p></body></html>"
FOOTER = "Pour se désabonner : lettre@ch.example"

TEXT_ONLY = {
    "a letter in UTF-8": mails.message(mails.text(LETTER)),
    "in Windows-1252": mails.message(mails.text(LETTER[:900], charset="cp1252")),
    "in quoted-printable": mails.message(mails.text(LETTER, encoding="quoted-printable")),
    "in base64": mails.message(mails.text(LETTER, encoding="base64")),
    "as text and HTML": mails.alternative(LETTER, PAGE),
    "as HTML alone": mails.message(mails.html(PAGE)),
    "a newsletter of 60 KB": mails.alternative(LETTER, "<div><p>%s</p></div>" % ("a b " * 15_000)),
    "with the footer of a list": mails.mixed(mails.text(LETTER), mails.text(FOOTER)),
    "forwarded": mails.forwarded(mails.message(mails.text(LETTER))),
    "a long one": mails.message(mails.text(LETTER * 35)),
    "without a body": mails.message(mails.text("")),
    "of a script, without MIME": b"Subject: sauvegarde\r\n\r\n" + LETTER.encode(),
    "stored with LF": mails.alternative(LETTER, PAGE).replace(b"\r\n", b"\n"),
}

WALLED = {
    "a PDF": mails.mixed(mails.text("x"), mails.attachment("a.pdf", documents.pdf("x"))),
    "more HTML than a door reads": mails.message(mails.html("<p>a b</p>" * 7_000)),
}


class CountingWall:
    def __init__(self) -> None:
        self.asked = 0

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        self.asked += 1
        return Reading()


def inspected(mail: bytes):
    """The inspection, how often the wall was asked, and how often that was counted."""
    wall, registry = CountingWall(), CollectorRegistry()
    inspector = TimedInspector(wall, KEY, DEFAULT_LIMITS, Metrics(registry))
    inspection = asyncio.run(inspector.inspect(mail, seconds=60))
    name = "vaguemestre_inspection_seconds_count"
    return inspection, wall.asked, registry.get_sample_value(name, {"room": "sandbox"}) or 0


@pytest.mark.parametrize("shape", TEXT_ONLY)
def test_mail_of_texts_alone_never_takes_the_wall(shape):
    inspection, asked, counted = inspected(TEXT_ONLY[shape])
    assert (asked, counted) == (0, 0)
    assert inspection.problems == ()
    assert inspection.coverage is Coverage.WHOLE


@pytest.mark.parametrize("shape", WALLED)
def test_other_mail_takes_it_once(shape):
    _, asked, counted = inspected(WALLED[shape])
    assert (asked, counted) == (1, 1)
