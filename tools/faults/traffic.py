"""The campaign's mails: seeded, each unlike any other, each with a verdict known to be right.

Nobody in them exists (commune 999, domains *.example). A mail's sender and recipients are its own,
so that whatever stands at the sink or in the store is known by its address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from gateway.model import Disposition
from tests.makers import identifiers, mails

OURS = "ch-exemple.example"
OUTSIDE = "dehors.example"
LATE = "tard.example"  # what goes there waits for its hour: `RULES`, beside the shipped ones
RULES = Path(__file__).parent / "rules"
LATE_SECONDS = 60.0
MANY = 12  # numbers of a file: held even where it could be encrypted

# Letters alone: a local part made of figures is personal data, and not shown in reports.
_IN_LETTERS = str.maketrans("0123456789", "abcdefghij")
_NAMES, _COLLEAGUES = ("zoe", "yves"), ("ana", "bob")
_LINES = (
    "Le conseil de quartier se réunira jeudi soir dans la grande salle.",
    "Merci de bien vouloir confirmer votre présence avant la fin de la semaine.",
    "La livraison des fournitures aura lieu mardi matin, à l'entrée nord.",
    "Vous trouverez ci-dessous le compte rendu de la dernière réunion.",
    "Pensez à fermer les fenêtres en quittant la salle.",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail as its client has it. right: what must become of it, by recipient. content: without
    the Received field that each try dates anew. payload: what must not be read in clear by those
    for whom it is to be stopped."""

    name: str
    kind: str
    sender: str
    right: Mapping[str, Disposition]
    content: bytes = field(repr=False)
    payload: tuple[bytes, ...] = field(repr=False)

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self.right)

    @property
    def digest(self) -> str:
        return digest(self.content)


KINDS = {  # verdict for outsiders, for our own; numbers in it; recipients outside, inside
    "innocent": (Disposition.PASS, 0, 1, 0),
    "innocent to several": (Disposition.PASS, 0, 2, 2),
    "to encrypt": (Disposition.ENCRYPT, 1, 1, 0),
    "to encrypt for some": (Disposition.ENCRYPT, 1, 1, 1),
    "to hold": (Disposition.QUARANTINE, MANY, 1, 0),
    "to hold for some": (Disposition.QUARANTINE, MANY, 2, 1),
    "to delay": (Disposition.DELAY, 0, 1, 0),
}
HELD = ("to hold", "to hold for some", "to delay")  # in the store, until they are sent


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def mail(name: str, rng: Random, kind: str, *, rich: bool = False) -> Sent:
    """rich: as HTML too large for the door, which a worker has to read."""
    verdict, numbers, outside, inside = KINDS[kind]
    payload = tuple(identifiers.nir(rng) for _ in range(numbers))
    words = name.translate(_IN_LETTERS)
    where = LATE if verdict is Disposition.DELAY else OUTSIDE
    right = {f"{_NAMES[i]}.{words}@{where}": verdict for i in range(outside)}
    right |= {f"{_COLLEAGUES[i]}.{words}@{OURS}": Disposition.PASS for i in range(inside)}
    sender = f"service.{words}@{OURS}"
    lines = [rng.choice(_LINES) for _ in range(rng.randint(2, 6))]
    lines += [f"Numéro de sécurité sociale : {number}" for number in payload]
    lines.append(f"Envoi {name}.")
    headers = {
        "From": sender,
        "To": ", ".join(right),
        "Subject": "Reunion",
        "Message-ID": f"<{name}@{OURS}>",
    }
    if rich:
        page = "<p>" + "</p>\n<p>".join([*lines, *_LINES * 250]) + "</p>"
        content = mails.message(mails.html(f"<html><body>{page}</body></html>\n"), headers)
    else:
        content = mails.message(mails.text("\n".join(lines) + "\n"), headers)
    return Sent(name, kind, sender, right, content, tuple(n.encode() for n in payload))


def received(sent: Sent, attempt: int) -> bytes:
    """As the mail server in front hands it over: with a Received field of this try."""
    field = f"Received: by mta.{OURS} (Postfix) id {attempt:04X}{sent.name.replace('.', '')};\r\n"
    date = f"\tMon, 23 Nov 2026 14:{attempt % 60:02d}:00 +0100\r\n"
    return field.encode() + date.encode() + sent.content
