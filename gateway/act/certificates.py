"""Whose certificate may be used: the one book of all that methods and commands ask.

Sources are asked in order: the operator's folder, then what was found in a directory or in signed
mails. Without anchors, what lies in the folder is trusted as it is. With them, a certificate is
used only if a path leads to one of them and nothing on that path is revoked; what nobody could
learn of its revocation counts as revoked, unless the operator says otherwise.

Look-ups only, in memory and on this disk: `find` may be called for every recipient of every mail.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from cryptography.x509 import Certificate

from gateway.act.certificate_folder import CertificateFolder
from gateway.act.certificate_path import Anchors
from gateway.act.certificate_use import Known, Standing, longest, reads, standing
from gateway.act.cms_recipient import Reader
from gateway.act.revocation import Revocations, State

Revocation = Literal["required", "known", "off"]
USED_SECONDS = 600.0  # a path costs a millisecond, and a list of 10 MB a tenth of a second
REFUSED_SECONDS = 60.0  # what is not used may be soon: its revocation is being asked for
MAX_JUDGED = 4096

_Case = tuple[Certificate, tuple[Certificate, ...]]
_REFUSED = {State.REVOKED: Standing.REVOKED, State.UNKNOWN: Standing.UNKNOWN}


class Source(Protocol):
    def held(self, address: str) -> Sequence[Known]:
        """For an address in lower case."""

    def every(self) -> Iterable[tuple[str, Known]]:
        """All of them, with whom they serve."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Addresses, or "@domain", known to read what is not assumed of everybody. oaep: RSA-OAEP with
    SHA-256. gcm: authenticated encryption."""

    oaep: frozenset[str] = frozenset()
    gcm: frozenset[str] = frozenset()


@dataclass(slots=True, repr=False)
class Trust:
    """revocation: "known" uses what nobody told to be revoked; "off" asks nobody."""

    anchors: Anchors
    revocations: Revocations
    revocation: Revocation = "required"
    _judged: dict[_Case, tuple[float, Standing]] = field(default_factory=dict)

    def __call__(self, known: Known, now: datetime) -> Standing:
        key = known.certificate, known.chain
        at, found = self._judged.get(key, (0.0, Standing.NO_PATH))
        kept = USED_SECONDS if found is Standing.USED else REFUSED_SECONDS
        if not 0 <= now.timestamp() - at < kept:
            found = self._judge(known, now)
            if len(self._judged) >= MAX_JUDGED:
                self._judged.clear()
            self._judged[key] = (now.timestamp(), found)
        return found

    def _judge(self, known: Known, now: datetime) -> Standing:
        path = self.anchors.path(known.certificate, known.chain, now)
        if not path:
            return Standing.NO_PATH
        if self.revocation == "off":
            return Standing.USED
        state = self.revocations.of_path(path, now)
        if state is State.UNKNOWN and self.revocation == "known":
            return Standing.USED
        return _REFUSED.get(state, Standing.USED)


@dataclass(slots=True, repr=False)
class Directory:
    """folder: None for none. trust: None: the folder is trusted, and nothing else is asked.
    signer: makes of what is to be enciphered the same, signed; None: it goes unsigned."""

    folder: Path | None
    clock: Callable[[], float] = time.time
    trust: Trust | None = None
    found: Source | None = None
    preferences: Preferences = Preferences()
    signer: Callable[[bytes], bytes] | None = None
    _folder: CertificateFolder = field(init=False)

    def __post_init__(self) -> None:
        self._folder = CertificateFolder(self.folder)

    def find(self, address: str) -> Reader | None:
        """The one that lasts longest among those usable now, of the first source that has one."""
        address = address.lower()
        for source in self._sources():
            held = source.held(address)
            used = [one for one in held if self.standing(one) is Standing.USED]
            if best := longest(used):
                return self._reader(address, best)
        return None

    def standing(self, known: Known) -> Standing:
        now = datetime.fromtimestamp(self.clock(), UTC)
        alone = standing(known.certificate, now)
        if alone is not Standing.USED or self.trust is None:
            return alone
        return self.trust(known, now)

    def every(self) -> Iterator[tuple[str, Known]]:
        for source in self._sources():
            yield from source.every()

    def _sources(self) -> list[Source]:
        return [self._folder, self.found] if self.found and self.trust else [self._folder]

    def _reader(self, address: str, known: Known) -> Reader:
        told = reads(known)
        names = {address, f"@{address.rpartition('@')[2]}"}
        gcm = told.gcm or not names.isdisjoint(self.preferences.gcm)
        oaep = told.oaep or ("" if names.isdisjoint(self.preferences.oaep) else "sha256")
        return Reader(known.certificate, oaep, gcm)
