"""`vaguemestre certificates`: by whose certificate (S/MIME) mail can be encrypted, and why not by
the others; put new ones into the folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from gateway.act.certificate_use import DAMAGED, Known, Standing, addresses, is_authority, reads
from gateway.act.certificates import Directory
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    fail,
    print_json,
    show,
)
from gateway.config import Config
from gateway.means import certificate_parts

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="S/MIME certificates: list, check, import."
)

SAID = {
    Standing.USED: "utilisé",
    Standing.EXPIRED: "expiré",
    Standing.NOT_YET: "pas encore valide",
    Standing.UNFIT: "ne peut pas chiffrer du courrier",
    Standing.NO_PATH: "aucune autorité de confiance",
    Standing.REVOKED: "révoqué",
    Standing.UNKNOWN: "révocation inconnue",
}

Told = dict[str, object]


@app.callback()
def certificates() -> None:
    """S/MIME certificates of correspondents."""


@app.command("list")
def listed(
    config: ConfigOption = None,
    json: JsonOption = False,
    expiring: Annotated[
        bool, typer.Option("--expiring", help="Only those near their end (`smime.warn_days`).")
    ] = False,
) -> None:
    """Every certificate there is, and whether it is used."""
    with clear_errors():
        settings = configuration(config)
        book = certificate_parts.directory(settings)
        soon = datetime.now(UTC) + timedelta(days=settings.smime.warn_days)
        for address, known in sorted(book.every(), key=_order):
            if expiring and not _ends(book, known, soon):
                continue
            _print(_told(book, address, known), json)


@app.command()
def check(
    address: Annotated[list[str], typer.Argument(help="Of correspondents.")],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Whether mail to these can be encrypted by certificate now, and by which."""
    with clear_errors():
        book = certificate_parts.directory(configuration(config))
        missing = False
        for one in address:
            reader = book.find(one)
            held = [known for owner, known in book.every() if owner == one.lower()]
            missing = missing or reader is None
            for known in held:
                chosen = reader is not None and known.certificate == reader.certificate
                _print(_told(book, one, known) | {"chosen": chosen}, json)
            if not held:
                _print({"address": one, "standing": "absent"}, json)
    if missing:
        raise typer.Exit(STOPPED)


@app.command("import")
def bring(
    file: Annotated[list[Path], typer.Argument(help="PEM, DER (.cer), or PKCS #7 (.p7b).")],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Put certificates, and the authorities that come with them, into the folder `certificates`."""
    with clear_errors():
        settings = configuration(config)
        folder = settings.certificates
        if folder is None:
            fail("certificates: no folder is named in gateway.yaml")
        brought = [one for path in file for one in _read(path)]
        for one in brought:
            try:
                _put(folder, one)
            except OSError as error:
                fail(f"{folder}: {error.strerror}")
        used = _tell(settings, brought, json)
    if not used:
        raise typer.Exit(STOPPED)


def _put(folder: Path, one: x509.Certificate) -> None:
    """Readable by whoever the folder is for, however private the files of who runs this are: doors
    pass over what they cannot read."""
    path = folder / f"{one.fingerprint(hashes.SHA256()).hex()[:16]}.pem"
    part = path.with_suffix(".part")
    part.write_bytes(one.public_bytes(Encoding.PEM))
    wanted = folder.stat()
    if os.geteuid() == 0:
        os.chown(part, wanted.st_uid, wanted.st_gid)
    part.chmod(wanted.st_mode & 0o666)
    part.replace(path)


def _tell(settings: Config, brought: list[x509.Certificate], json: bool) -> bool:
    """Whether each that is somebody's is used now."""
    book = certificate_parts.directory(settings)
    ends = {one for one in brought if not is_authority(one)}
    found = [(address, known) for address, known in book.every() if known.certificate in ends]
    for address, known in found:
        _print(_told(book, address, known), json)
    return {known.certificate for _, known in found} == ends and all(
        book.standing(known) is Standing.USED for _, known in found
    )


def _read(path: Path) -> list[x509.Certificate]:
    try:
        found = _understood(path.read_bytes())
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    if not found:
        fail(f"{path}: no certificate in PEM, DER or PKCS #7")
    if nameless := [one for one in found if not is_authority(one) and not addresses(one)]:
        fail(f"{path}: {len(nameless)} certificate(s) without a mail address")
    return found


def _understood(written: bytes) -> list[x509.Certificate]:
    for read in (
        x509.load_pem_x509_certificates,
        pkcs7.load_pem_pkcs7_certificates,
        pkcs7.load_der_pkcs7_certificates,
        lambda data: [x509.load_der_x509_certificate(data)],
    ):
        with contextlib.suppress(*DAMAGED):
            return read(written)
    return []


def _told(book: Directory, address: str, known: Known) -> Told:
    one = known.certificate
    told = reads(known)
    return {
        "address": address,
        "standing": str(book.standing(known)),
        "until": one.not_valid_after_utc.date().isoformat(),
        "key": _key(one),
        "gcm": told.gcm,
        "sha256": one.fingerprint(hashes.SHA256()).hex(),
    }


def _key(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except DAMAGED:
        return "?"
    if isinstance(key, RSAPublicKey):
        return f"RSA {key.key_size}"
    return key.curve.name if isinstance(key, EllipticCurvePublicKey) else "?"


def _print(told: Told, json: bool) -> None:
    if json:
        print_json(told)
    else:
        show("  ".join(_words(told)))


def _words(told: Told) -> Iterator[str]:
    yield str(told["address"])
    if told["standing"] == "absent":
        yield "aucun certificat"
        return
    yield SAID[Standing(str(told["standing"]))] + (", choisi" if told.get("chosen") else "")
    yield f"jusqu'au {told['until']}"
    yield str(told["key"])
    yield str(told["sha256"])[:16]


def _order(found: tuple[str, Known]) -> tuple[str, datetime]:
    return found[0], found[1].certificate.not_valid_after_utc


def _ends(book: Directory, known: Known, soon: datetime) -> bool:
    used = book.standing(known) is Standing.USED
    return used and known.certificate.not_valid_after_utc <= soon
