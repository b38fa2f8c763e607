"""What officers may see of a mail that is nobody's business but its sender's: rule, kinds, counts
and sizes; no address, subject, file name or value, not even masked."""

from __future__ import annotations

from dataclasses import replace

from gateway.model import Envelope, Inspection, Place, Recipient
from gateway.store.dossier import Dossier


def discreet(dossier: Dossier) -> Dossier:
    seen = dossier.inspection
    return replace(
        dossier,
        envelope=Envelope(
            masked(dossier.envelope.sender),
            tuple(Recipient(masked(one.address)) for one in dossier.envelope.recipients),
        ),
        inspection=Inspection(
            tuple(
                replace(one, place=_place(one.place), masked="", fingerprints=())
                for one in seen.findings
            ),
            tuple(replace(one, place=_place(one.place), detail="") for one in seen.problems),
            tuple(replace(one, place=_place(one.place)) for one in seen.parts),
        ),
        subject=b"",
    )


def masked(address: str) -> str:
    domain = address.rpartition("@")[2]
    return f"…@{domain}" if "@" in address else ""


def _place(place: Place) -> Place:
    """The number of a part; members of archives and sheets are named by people."""
    return Place(place.part.partition("!")[0])
