"""Held mails with something in them, and a desk that can look into them without processes."""

from __future__ import annotations

from dataclasses import replace

from gateway import inspection, preview
from gateway.console import app
from gateway.model import DEFAULT_LIMITS, Limits, Reading
from gateway.sandbox import wire
from tests.makers import held as made
from tests.makers import mails

# A fictitious person, and what nobody may see of her unasked.
BODY = """Bonjour,
Madame Zoé Inventée, née le 12/03/1979, est suivie pour une hépatite C.
Son numéro de sécurité sociale : 2 79 03 99 999 001 12.
Inventée rappelle demain, dossier 88776655.
"""
LIST = "Nom;Prénom;Date de naissance;Pathologie\n" + "".join(
    f"Fictif{letter};Ursule;0{n + 1}/03/1979;Lupus\n" for n, letter in enumerate("abcdefghi")
)
SECRETS = (
    "Zoé Inventée",
    "Inventée rappelle",
    "12/03/1979",
    "hépatite",
    "2 79 03 99 999 001 12",
    "279039999900112",
    "88776655",
    "Fictifa",
    "Ursule",
    "01/03/1979",
    "Lupus",
)


def a_letter(text: str = BODY, name: str = "liste.csv", attached: bytes = b"") -> bytes:
    return mails.mixed(
        mails.text(text), mails.attachment(name, attached or LIST.encode(), "text/csv")
    )


class Worker:
    """A wall whose worker is this process; what it says goes over the wire all the same."""

    def __init__(self):
        self.asked = []

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        self.asked.append(content.partition(b"\n")[0].decode())
        said = preview.read(content, limits, {}, lambda _: None)
        return wire.reading(wire.answer(said, limits, 16 << 20), limits, 16 << 20)


def look(console, wall=None, **changes):
    """The console's desk, able to look into mails."""
    sight = replace(console.desk.sight, wall=wall or Worker(), **changes)
    console.desk = replace(console.desk, sight=sight)
    console.app = app.build(console.desk)


async def held(console, content=None, code="7K2F-9QXD", **about):
    """As a door would have held it."""
    mail = made.a_mail(code, content=content or a_letter())
    reading = inspection.read(mail.content, DEFAULT_LIMITS)
    seen = inspection.conclude(reading, console.store.hmac)
    await console.store.custody.hold(mail, made.a_hold(mail, inspection=seen, **about), [], [])
    return code
