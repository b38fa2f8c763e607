"""A folder of recipients' certificates: PEM files, named by address or carrying one.

    marie@cabinet.example.pem      for that address, whatever is in it (the operator says so)
    anything-else.pem              for the rfc822Name of its subjectAltName (RFC 8550, 3)

Only certificates that may be used are ever returned: valid now, RSA of 2048 bits at least, key
usage keyEncipherment and extended usage emailProtection where the certificate limits them. Chains
and revocation are not checked: what lies in the folder is trusted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MIN_BITS = 2048  # ANSSI, Guide des mécanismes cryptographiques: RSA below it is no longer fit
MAX_FILE_BYTES = 1024 * 1024  # a certificate has about 2 KB
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)
_DAMAGED = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_SUFFIXES = (".pem", ".crt")
_MAIL_USES = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


@dataclass(slots=True)
class _File:
    stamp: tuple[int, int]  # mtime in ns, size
    certificates: tuple[tuple[str, x509.Certificate], ...]


@dataclass(slots=True, repr=False)
class Directory:
    """folder: None for no certificates at all. Looks again when the folder or a file changed.

    A file rewritten in place is noticed when an address that it served is asked for.
    """

    folder: Path | None
    clock: Callable[[], float] = time.time
    _files: dict[Path, _File] = field(default_factory=dict)
    _by_address: dict[str, list[Path]] = field(default_factory=dict)
    _seen: int = -1

    def find(self, address: str) -> x509.Certificate | None:
        """The one that lasts longest among those usable now."""
        address = address.lower()
        if not self._current(address):
            self._scan()
        now = datetime.fromtimestamp(self.clock(), UTC)
        usable = [
            certificate
            for path in self._by_address.get(address, ())
            for owner, certificate in self._files[path].certificates
            if owner == address and is_usable(certificate, now)
        ]
        return max(usable, key=lambda c: c.not_valid_after_utc, default=None)

    def _current(self, address: str) -> bool:
        paths = self._by_address.get(address, ())
        return _folder_stamp(self.folder) == self._seen and all(
            _stamp(path) == self._files[path].stamp for path in paths
        )

    def _scan(self) -> None:
        self._seen = _folder_stamp(self.folder)  # before listing: a later change is seen next time
        files: dict[Path, _File] = {}
        by_address: dict[str, list[Path]] = {}
        for path in _listed(self.folder):
            stamp, known = _stamp(path), self._files.get(path)
            if known is None or known.stamp != stamp:
                known = _File(stamp, tuple(_read(path)))
            files[path] = known
            for address, _ in known.certificates:
                by_address.setdefault(address, []).append(path)
        self._files, self._by_address = files, by_address


def is_usable(certificate: x509.Certificate, now: datetime) -> bool:
    try:
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            return False
        key = certificate.public_key()
        usage = _extension(certificate, x509.KeyUsage)
        extended = _extension(certificate, x509.ExtendedKeyUsage)
    except _DAMAGED:
        return False
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_BITS:
        return False
    if usage is not None and not usage.key_encipherment:
        return False
    return extended is None or bool(_MAIL_USES & set(extended))


def _extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _listed(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())


def _folder_stamp(folder: Path | None) -> int:
    try:
        return 0 if folder is None else os.stat(folder).st_mtime_ns
    except OSError:
        return 0


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _read(path: Path) -> Iterable[tuple[str, x509.Certificate]]:
    """Certificates of one file with the addresses they serve; none of a file we cannot read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, *_DAMAGED):
        return
    for certificate in certificates:
        owners = [path.stem] if "@" in path.stem else _named_in(certificate)
        for owner in owners:
            yield owner.lower(), certificate


def _named_in(certificate: x509.Certificate) -> list[str]:
    try:
        names = _extension(certificate, x509.SubjectAlternativeName)
        if names is not None:
            return list(names.get_values_for_type(x509.RFC822Name))
        subject = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    except _DAMAGED:
        return []
    return [str(attribute.value) for attribute in subject]
