"""Mails and inspections to be judged, without a byte being read."""

from __future__ import annotations

from datetime import datetime

from gateway.decide.question import PARIS
from gateway.model import (
    Client,
    Coverage,
    Envelope,
    Finding,
    Inspection,
    Likelihood,
    Mail,
    PartRead,
    Place,
    Problem,
    Recipient,
    Trouble,
)

BASE = Place("2!base.csv")
MONDAY_MORNING = datetime(2026, 1, 5, 10, 0, tzinfo=PARIS)


def mail(
    *to: str,
    sender: str = "agent@chu.example",
    content: bytes = b"Subject: Votre demande\r\n\r\nBonjour\r\n",
    at: datetime = MONDAY_MORNING,
) -> Mail:
    return Mail(
        id="7K2F-9QXD",
        door="lmtp",
        client=Client(),
        envelope=Envelope(sender, tuple(map(Recipient, to or ("patient@mail.example",)))),
        content=content,
        trace=b"",
        deadline=0.0,
        received=at.timestamp(),
    )


def finding(
    kind: str = "fr.nir",
    *values: str,
    likelihood: Likelihood = Likelihood.VERY_LIKELY,
    near: tuple[str, ...] = (),
    place: Place = BASE,
    count: int | None = None,
) -> Finding:
    """One distinct value unless several are named."""
    values = values or ("a",)
    return Finding(
        kind=kind,
        count=len(values) if count is None else count,
        likelihood=likelihood,
        place=place,
        masked="2 79 ** ** *** *** **",
        fingerprints=values,
        near=near,
    )


def seen(
    *what: Finding | Problem | PartRead,
) -> Inspection:
    return Inspection(
        findings=tuple(w for w in what if isinstance(w, Finding)),
        problems=tuple(w for w in what if isinstance(w, Problem)),
        parts=tuple(w for w in what if isinstance(w, PartRead)),
    )


def problem(kind: Trouble = Trouble.ENCRYPTED, part: str = "3") -> Problem:
    return Problem(kind, Place(part), "")


def part(coverage: Coverage, path: str = "3") -> PartRead:
    return PartRead(Place(path), "zip", coverage)
