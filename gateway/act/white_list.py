"""The white list of the MSSanté space: which domains take part in it.

Published by the ANS as XML: a `Domaine` with its `Nom` for each domain and each certificate of its
operators, so that a domain may stand there several times. Read by the release process, without
entities, document types or network, and kept as a plain file of names, which is all that doors
read. How fresh it is, is that file's own time: when the list was last had.
The signature inside is verified where it was told whose it must be (`act.xml_signature`); else the
host's certificate, or a digest, stands for it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from gateway.act.folder import stamp

NAME = "white-list"
MAX_BYTES = 16 * 1024 * 1024  # that of March 2025 has 3.7 MB
_NAMESPACE = "{https://listeblanche.mssante.fr/schema}"
_ROOT, _DOMAIN, _NAMED = (
    f"{_NAMESPACE}{name}" for name in ("ListeBlancheMSSante", "Domaine", "Nom")
)
_DOMAIN_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_UNREAD_OF = 100  # entries, of which one may be unreadable
_DAY_SECONDS = 86_400.0


class Unusable(Exception):
    """What was given is no white list. The text is fixed wording."""


@dataclass(frozen=True, slots=True)
class Listed:
    """domains: in small letters. unread: entries without a name that is a domain's."""

    domains: frozenset[str]
    unread: int


def names(
    document: bytes, is_signed: Callable[[etree._Element], bool] = lambda root: True
) -> Listed:
    """The domains in force. Raises Unusable. A name that cannot be read is left out and counted:
    mail to that domain is refused, and one slip of the list's keeper does not stop all the others'.
    Of a hundred, one may be such: more than that, and it is another kind of list."""
    if len(document) > MAX_BYTES:
        raise Unusable("too big")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unusable("not XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unusable("a document type is declared")
    if root.tag != _ROOT:
        raise Unusable("not a white list of MSSanté")
    if not is_signed(root):
        raise Unusable("its signature does not hold")
    found = [(one.findtext(_NAMED) or "").strip().lower() for one in root.iter(_DOMAIN)]
    if not found:
        raise Unusable("no domain in it")
    read = list(filter(_DOMAIN_NAME.fullmatch, found))
    if (len(found) - len(read)) * _UNREAD_OF > len(found):
        raise Unusable("its domains have no names, or none that are such")
    return Listed(frozenset(read), len(found) - len(read))


def keep(folder: Path, domains: frozenset[str], had: float) -> None:
    """had: when, in seconds since the epoch. Whole or not at all."""
    folder.mkdir(mode=0o770, parents=True, exist_ok=True)
    part = folder / f"{NAME}.part"
    part.write_text("".join(f"{name}\n" for name in sorted(domains)), "ascii")
    os.utime(part, (had, had))
    part.replace(folder / NAME)


@dataclass(slots=True)
class WhiteList:
    """As the release process keeps it in this folder; read again when it changes. expired: days."""

    folder: Path
    expired: float
    clock: Callable[[], float] = time.time
    _stamp: tuple[int, int] = (0, 0)
    _domains: frozenset[str] = field(default=frozenset(), repr=False)

    def listed(self, domain: str) -> bool | None:
        """None: no list is in force."""
        age = self.age()
        if age is None or age > self.expired * _DAY_SECONDS:
            return None
        return domain in self._domains

    def age(self) -> float | None:
        """Seconds since it was had; None where there is none. Reads it where it changed."""
        now = stamp(self.folder / NAME)
        if now != self._stamp:
            self._stamp, self._domains = now, self._read()
        return self.clock() - now[0] / 1e9 if self._domains else None

    def domains(self) -> frozenset[str]:
        self.age()
        return self._domains

    def _read(self) -> frozenset[str]:
        try:
            return frozenset((self.folder / NAME).read_text("ascii").split())
        except (OSError, UnicodeDecodeError):
            return frozenset()
