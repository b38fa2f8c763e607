"""`vaguemestre certificates`: which are there, which are used, and how new ones come."""

from __future__ import annotations

import datetime
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from gateway.act.certificate_use import Known
from gateway.act.revocation import crl_name
from gateway.config import read_config
from gateway.errors import Misconfigured, Temporary
from gateway.means import certificate_duties, certificate_parts
from gateway.means.found_certificates import Entry, Found
from gateway.store.keys import load_hmac
from tests.makers import pki, sealing
from tests.release import Quiet
from tests.unit.cli.conftest import CONFIG, Command

MARIE, PAUL = "marie@cabinet.example", "paul@cabinet.example"
TODAY = datetime.datetime.now(datetime.UTC)
CRL = "http://crl.autorite.example/1.crl"
AUTHORITY = pki.Authority("Autorité d'aujourd'hui", crl=CRL, now=TODAY)
HERS = AUTHORITY.issue(MARIE, key=sealing.ec_key(MARIE), days=(-1, 200))
HIS = AUTHORITY.issue(PAUL, key=sealing.ec_key(PAUL), days=(-1, 9))
GONE = AUTHORITY.issue(PAUL, key=sealing.ec_key(PAUL), days=(-9, -1))


@pytest.fixture
def anchored(configured: Path) -> Path:
    """A folder with anchors, Paul's certificates, and one of Marie that a mail brought."""
    told = "certificates: certificats\nsmime: {anchors: autorites}\n"
    (configured / "gateway.yaml").write_text(CONFIG + told)
    for name in ("certificats", "autorites", "revocations"):
        (configured / name).mkdir()
    (configured / "autorites" / "a.pem").write_bytes(pki.pem(AUTHORITY.certificate))
    (configured / "certificats" / "p.pem").write_bytes(pki.pem(HIS))
    (configured / "certificats" / "old.pem").write_bytes(pki.pem(GONE))
    found = Found(configured / "found-certificates", load_hmac(configured / "keys"))
    found.keep(Entry(MARIE, "mail", 1.0, (Known(HERS, pki.READS_GCM),)))
    revoking(configured, ())
    return configured


def revoking(folder: Path, several: tuple[pki.x509.Certificate, ...]) -> None:
    (folder / "revocations" / crl_name(CRL)).write_bytes(AUTHORITY.revoking(*several))


def test_each_is_listed_with_its_standing(vaguemestre: Command, anchored: Path):
    said = vaguemestre("certificates", "list", "--json")
    assert [(one["address"], one["standing"], one["gcm"]) for one in said.lines] == [
        (MARIE, "used", True),
        (PAUL, "expired", False),
        (PAUL, "used", False),
    ]
    assert said.status == 0
    words = vaguemestre("certificates", "list").out
    assert "utilisé" in words
    assert "expiré" in words
    assert "secp256r1" in words


def test_those_near_their_end_are_named(vaguemestre: Command, anchored: Path):
    said = vaguemestre("certificates", "list", "--expiring", "--json")
    assert [one["address"] for one in said.lines] == [PAUL]


@pytest.mark.parametrize(
    ("revoked", "addresses", "status"),
    [
        ((), (MARIE, PAUL), 0),
        ((HERS,), (MARIE,), 1),
        ((), ("absent@cabinet.example",), 1),
        ((), (MARIE, "absent@cabinet.example"), 1),
    ],
)
def test_whether_somebody_can_be_written_to(
    vaguemestre: Command, anchored: Path, revoked, addresses, status
):
    revoking(anchored, revoked)
    said = vaguemestre("certificates", "check", *addresses)
    assert said.status == status
    assert ("choisi" in said.out) is (not revoked and MARIE in addresses)
    assert ("révoqué" in said.out) is bool(revoked)
    assert ("aucun certificat" in said.out) is ("absent@cabinet.example" in addresses)


def test_what_is_brought_in_is_read_by_whoever_reads_the_folder(
    vaguemestre: Command, anchored: Path
):
    (anchored / "new").write_bytes(pki.pem(HERS))
    folder = anchored / "certificats"
    folder.chmod(0o750)
    before = os.umask(0o077)
    try:
        assert vaguemestre("certificates", "import", "new").status == 0
    finally:
        os.umask(before)
    name = f"{HERS.fingerprint(pki.hashes.SHA256()).hex()[:16]}.pem"
    assert stat.S_IMODE((folder / name).stat().st_mode) == 0o640


def test_a_folder_that_is_gone_is_told(vaguemestre: Command, anchored: Path):
    (anchored / "new").write_bytes(pki.pem(HERS))
    name = f"{HERS.fingerprint(pki.hashes.SHA256()).hex()[:16]}.part"
    (anchored / "certificats" / name).mkdir()  # as where nothing can be written
    said = vaguemestre("certificates", "import", "new")
    assert (said.status, "Traceback" in said.err) == (2, False)


@pytest.mark.parametrize(
    "written",
    [
        pki.pem(HERS),
        HERS.public_bytes(Encoding.DER),
        pkcs7.serialize_certificates([HERS, AUTHORITY.certificate], Encoding.DER),
        pkcs7.serialize_certificates([HERS], Encoding.PEM),
    ],
    ids=["PEM", "DER", "PKCS 7", "PKCS 7 in PEM"],
)
def test_new_ones_are_brought_in(vaguemestre: Command, anchored: Path, written: bytes):
    (anchored / "new").write_bytes(written)
    said = vaguemestre("certificates", "import", "new")
    assert said.status == 0
    assert MARIE in said.out
    files = {path.name for path in (anchored / "certificats").iterdir()}
    assert f"{HERS.fingerprint(pki.hashes.SHA256()).hex()[:16]}.pem" in files
    assert not any("marie" in name for name in files)


@pytest.mark.parametrize(
    ("written", "status"),
    [
        (b"Bonjour", 2),
        (
            pki.pem(
                pki.named("Sans adresse", sealing.ec_key("x"), None).sign(
                    sealing.ec_key("x"), pki.hashes.SHA256()
                )
            ),
            2,
        ),
        (pki.pem(pki.Authority("Inconnue", now=TODAY).issue(MARIE, key=sealing.ec_key("x"))), 1),
    ],
    ids=["no certificate", "nobody's", "of an unknown authority"],
)
def test_what_would_not_serve_is_told(vaguemestre: Command, anchored: Path, written, status):
    (anchored / "new").write_bytes(written)
    assert vaguemestre("certificates", "import", "new").status == status


def test_who_may_not_sign_may_look_and_no_process_starts(
    vaguemestre: Command, anchored: Path, monkeypatch: pytest.MonkeyPatch
):
    told = "smime: {sign: {certificate: own.pem, key: own.key}}\n"
    (anchored / "gateway.yaml").write_text(CONFIG + told)
    (anchored / "own.pem").write_bytes(pki.pem(HERS))
    (anchored / "own.key").write_bytes(sealing.pem(sealing.ec_key(MARIE)))
    read = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "own.key":
            raise PermissionError
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert vaguemestre("certificates", "list").status == 0
    settings = read_config(anchored / "gateway.yaml")
    with pytest.raises(Misconfigured, match="may not read"):
        certificate_duties.search(settings, Quiet())
    with pytest.raises(Temporary):
        certificate_parts.directory(settings).signer(b"")
    monkeypatch.undo()
    certificate_parts.demand_signature(settings)


def test_without_a_folder_there_is_nowhere_to_put_them(vaguemestre: Command, configured: Path):
    (configured / "new").write_bytes(pki.pem(HERS))
    said = vaguemestre("certificates", "import", "new")
    assert said.status == 2
    assert "certificates" in said.err
