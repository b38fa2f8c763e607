"""Contacts in numbers: the mail addresses and telephones of a list, each one a distinct value.

Nothing below ten distinct ones in a text, since mails quote a few. Addresses of one organisation,
ten or more of one domain that is no public mailbox, are a directory: POSSIBLE. So are role
mailboxes (contact@, accueil@), which are nobody's, and the numbers of doctors and counters. All
others are LIKELY, and rules say from how many on they matter. Which domains are our own is not
known here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gateway.detect import phone
from gateway.detect.detector import Detector
from gateway.detect.figures import figures
from gateway.detect.fold import Folded
from gateway.model import Likelihood, Match

FEWEST = 10
_LOCAL = re.compile(rb"[a-z0-9][a-z0-9._%+'\-]{0,63}\Z")
_DOMAIN = re.compile(rb"(?:[a-z0-9\-]{1,63}\.){1,6}[a-z]{2,24}")
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 255  # RFC 5321, 4.5.3.1
_PUBLIC = frozenset(
    b"gmail.com hotmail.com hotmail.fr outlook.com outlook.fr live.fr live.com msn.com yahoo.fr "
    b"yahoo.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr "
    b"icloud.com me.com protonmail.com proton.me gmx.fr aol.com club-internet.fr".split()
)
_LINE = 120  # bytes before a number: its row
_PUBLIC_BEFORE = re.compile(
    rb"\b(?:dr|dre|drs|pr|pre|docteure?|professeure?|secretariat|standard|accueil|pharmacie|laboratoire"
    rb"|poste|cabinet)\b"
)
_ROLES = frozenset(
    b"contact accueil info infos noreply no-reply ne-pas-repondre secretariat standard support "
    b"webmaster postmaster abuse dpo rh communication direction".split()
)


def find(folded: Folded) -> Iterator[Match]:
    phones = list(phone.numbers(folded))
    if folded.data.count(b"@") + len(phones) < FEWEST:
        return
    data = figures(folded)
    found = [
        Match(start, end, _sureness(folded, start), phone.value(data[start:end]))
        for start, end in phones
    ]
    found += _addresses(folded)
    if len({match.value for match in found}) >= FEWEST:
        yield from sorted(found, key=lambda match: match.start)


def _sureness(folded: Folded, start: int) -> Likelihood:
    """The numbers of doctors and services are for everybody."""
    line = folded.cased.rfind(b"\n", max(0, start - _LINE), start) + 1
    public = _PUBLIC_BEFORE.search(folded.data[max(line, start - _LINE) : start])
    return Likelihood.POSSIBLE if public else Likelihood.LIKELY


def _addresses(folded: Folded) -> list[Match]:
    read = list(_read(folded.data))
    of_domain = Counter(domain for _, domain in {(local, domain) for *_, local, domain in read})
    matches = []
    for start, end, local, domain in read:
        directory = of_domain[domain] >= FEWEST and domain not in _PUBLIC
        sure = Likelihood.POSSIBLE if directory or local in _ROLES else Likelihood.LIKELY
        matches.append(Match(start, end, sure, (local + b"@" + domain).decode("latin-1")))
    return matches


def _read(data: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """(start, end, local part, domain) around each at sign; finding these is what costs least."""
    at = data.find(b"@")
    while at >= 0:
        first = max(0, at - _LONGEST_LOCAL)
        local = _LOCAL.search(data[first:at])
        domain = _DOMAIN.match(data, at + 1, at + 1 + _LONGEST_DOMAIN)
        if local and domain:
            yield first + local.start(), domain.end(), local[0], domain[0]
        at = data.find(b"@", at + 1)


def mask(value: str) -> str:
    """A telephone by its first two digits, an address by nothing."""
    return "***@***" if "@" in value else phone.mask(value)


DETECTOR = Detector(kind="contact.bulk", find=find, mask=mask)
