"""A folder of recipients' certificates: PEM files, named by address or carrying one.

    marie@cabinet.example.pem      for that address, whatever is in it (the operator says so)
    anything-else.pem              for the rfc822Name of its subjectAltName (RFC 8550, 3)

Authorities beside others in a file are nobody's; those of all files complete the others' paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from gateway.act.certificate_use import DAMAGED, Known, addresses, is_authority
from gateway.act.folder import Folder

MAX_FILE_BYTES = 1024 * 1024  # a certificate has about 2 KB
SUFFIXES = (".pem", ".crt")
_NOBODY = ""  # in the place of an address: an authority's


class CertificateFolder:
    """path: None for no certificates at all."""

    def __init__(self, path: Path | None) -> None:
        self._folder = Folder(path, SUFFIXES, _served)

    def held(self, address: str) -> list[Known]:
        """address: in lower case."""
        found = self._folder.of(address)
        chain = tuple(self._folder.of(_NOBODY)) if found else ()
        return [Known(one, chain=chain) for one in found]

    def every(self) -> Iterator[tuple[str, Known]]:
        """All of them, with whom they serve."""
        chain = tuple(self._folder.of(_NOBODY))
        for owner, certificate in self._folder.all():
            if owner != _NOBODY:
                yield owner, Known(certificate, chain=chain)


def read(path: Path) -> list[x509.Certificate]:
    """Certificates of one PEM file; none of a file we cannot read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return []
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, *DAMAGED):
        return []


def _served(path: Path) -> Iterator[tuple[str, x509.Certificate]]:
    several = read(path)
    authorities = [one for one in several if is_authority(one)]
    ends = [one for one in several if one not in authorities]
    for authority in authorities:
        yield _NOBODY, authority
    for one in ends or several:
        for owner in [path.stem.lower()] if "@" in path.stem else addresses(one):
            yield owner, one
