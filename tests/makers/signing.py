"""Keys, records and signed mails for tests of DKIM and ARC. Fictitious throughout."""

from __future__ import annotations

from functools import cache

from gateway.act.sign import DkimKey, Loaded, Signer, load
from gateway.store.dkim_keys import Made, generate
from tests.makers import sealing

DOMAIN = "ch.example"

# Bodies and headers that mail really has, and that break a careless signature.
ODD_SHAPES = {
    "plain": sealing.message(),
    "folded": sealing.message("X-Note: un\r\n\tdeux\r\n  trois", "Subject: a\r\n b\r\n\tc   d "),
    "utf-8 header": sealing.message("Subject: Réunion à 14 h", "To: zoé@cabinet.example"),
    "8-bit": sealing.message(text="caf\u00e9 \u0153uvre\r\n"),
    "long line": sealing.message(text="x" * 60_000 + "\r\n"),  # opendkim -t reads 64 KB
    "empty body": sealing.message().partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "blank lines at the end": sealing.message(text="Bonjour\r\n\r\n \t\r\n\r\n\r\n"),
    "blanks": sealing.message(text="  a \t b  \r\n\t\r\nc \r\n"),
    "dots": sealing.message(text=".\r\n..\r\n.fin\r\n"),
}


@cache
def made(algorithm: str = "rsa", domain: str = DOMAIN, selector: str = "") -> Made:
    return generate(domain, selector or f"{algorithm[0]}1", algorithm, 0.0)


def key(one: Made, active_from: float = 0.0) -> DkimKey:
    return DkimKey(one.domain, one.selector, one.private.encode(), active_from)


@cache
def loaded(one: Made) -> Loaded:
    return load(key(one))


def signer(*these: Made) -> Signer:
    return Signer([key(one) for one in these or (made("rsa"), made("ed25519"))])


def records(*these: Made) -> dict[bytes, bytes]:
    """What DNS says: name -> record."""
    known = these or (made("rsa"), made("ed25519"))
    return {one.name.encode(): one.record.encode() for one in known}
