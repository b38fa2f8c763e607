"""The white list of the MSSanté space: which domains take part in it.

Published by the ANS as XML: below its root, a `Domaine` for each, with its `Nom`. Read by the
release process, without entities, document types or network, and kept as a plain file of names,
which is all that doors read. How fresh it is, is that file's own time: when the list was last had.
The signature inside (XML-DSig) is not verified: the host's certificate, or a digest, stands for it.
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
MAX_BYTES = 8 * 1024 * 1024  # that of 2025 names 516 domains in some 300 KB
_NAMESPACE = "{https://listeblanche.mssante.fr/schema}"
_ROOT, _DOMAIN, _NAMED = (
    f"{_NAMESPACE}{name}" for name in ("ListeBlancheMSSante", "Domaine", "Nom")
)
_DOMAIN_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_DAY_SECONDS = 86_400.0


class Unusable(Exception):
    """What was given is no white list. The text is fixed wording."""


def names(document: bytes) -> frozenset[str]:
    """The domains in force, in small letters. Raises Unusable: a list with one line that cannot be
    read would leave somebody out unseen."""
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
    found = [(one.findtext(_NAMED) or "").strip().lower() for one in root.iter(_DOMAIN)]
    if not found:
        raise Unusable("no domain in it")
    if not all(map(_DOMAIN_NAME.fullmatch, found)):
        raise Unusable("a domain in it has no name, or none that is one")
    return frozenset(found)


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
