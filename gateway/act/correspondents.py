"""How an address may be shown, and whom our letters never answer."""

from __future__ import annotations

from gateway.act import header
from gateway.model import Mail

_DIGITS = 6  # in a local part: a date of birth, the start of a NIR, a file number
_AUTOMATA = ("noreply", "no-reply", "ne-pas-repondre", "nepasrepondre", "mailer-daemon")


def shown(address: str) -> str:
    """A recipient's address for its sender's eyes: an identifier in it is cut to three characters,
    "279…@patient.mssante.fr"."""
    if address.isprintable() and not any(map(str.isdigit, address)):
        return address  # as nearly all are: a tenth of the work
    local, at, domain = address.rpartition("@")
    safe = _cut(local) + at + ".".join(map(_cut, domain.split(".")))
    return safe if safe.isprintable() else "".join(c if c.isprintable() else "?" for c in safe)


def _cut(word: str) -> str:
    return f"{word[:3]}…" if sum(map(str.isdigit, word)) >= _DIGITS else word


def is_automaton(mail: Mail) -> bool:
    """RFC 3834, 2: what an automaton sent gets no answer; nor does an address nobody reads."""
    head = header.read(header.split(mail.content)[0])
    marked = any(v.lower().strip() not in ("", "no") for v in head.values(b"auto-submitted"))
    local = mail.envelope.sender.partition("@")[0].lower()
    return marked or not local or local.startswith(_AUTOMATA)
