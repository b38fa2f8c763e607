"""The CMS that we write: opened by openssl and NSS, for every kind of key."""

import os
import shutil
import subprocess

import pytest
from asn1crypto import cms as read
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from gateway.act import cms
from gateway.act.cms_recipient import Reader
from tests.makers import pki, sealing

openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl missing")
nss = pytest.mark.skipif(
    not (shutil.which("cmsutil") and shutil.which("certutil")), reason="libnss3-tools missing"
)
INSIDE = "Hémoglobine élevée\r\n".encode() * 50
KEYS = {
    "RSA 2048": sealing.rsa_key("a"),
    "RSA 3072": sealing.rsa_key("b", 3072),
    "P-256": sealing.ec_key("a"),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
}
ISSUER = pki.Authority()
CERTIFICATES = {name: ISSUER.issue("a@x.example", key=key) for name, key in KEYS.items()}
FORMS = [*((name, "") for name in KEYS), ("RSA 2048", "sha256"), ("RSA 3072", "sha512")]


def opened(sealed, name, folder, key=None):
    (folder / "cms").write_bytes(sealed)
    (folder / "key").write_bytes(sealing.pem(key or KEYS[name]))
    (folder / "certificate").write_bytes(pki.pem(CERTIFICATES[name]))
    command = "openssl cms -decrypt -binary -inform DER -in cms -inkey key -recip certificate"
    done = subprocess.run(command.split(), cwd=folder, capture_output=True)
    return done.stdout if done.returncode == 0 else None


@openssl
@pytest.mark.parametrize("gcm", [False, True], ids=["CBC", "GCM"])
@pytest.mark.parametrize(("name", "oaep"), FORMS, ids=str)
def test_openssl_opens_it(name, oaep, gcm, tmp_path):
    sealed = cms.envelope(INSIDE, [Reader(CERTIFICATES[name], oaep, gcm)])
    assert opened(sealed, name, tmp_path) == INSIDE


@openssl
@pytest.mark.parametrize("gcm", [False, True], ids=["CBC", "GCM"])
def test_each_of_several_opens_the_same_one(gcm, tmp_path):
    readers = [
        Reader(one, "sha384" if name == "RSA 3072" else "", gcm)
        for name, one in CERTIFICATES.items()
    ]
    sealed = cms.envelope(INSIDE, readers)
    assert {opened(sealed, name, tmp_path) for name in KEYS} == {INSIDE}


@openssl
@pytest.mark.parametrize(("name", "other"), [("RSA 2048", "rsa"), ("P-256", "ec")])
def test_another_key_opens_nothing(name, other, tmp_path):
    sealed = cms.envelope(INSIDE, [Reader(CERTIFICATES[name], gcm=True)])
    key = sealing.rsa_key("other") if other == "rsa" else sealing.ec_key("other")
    assert opened(sealed, name, tmp_path, key) is None


@openssl
@pytest.mark.parametrize("place", [-1, -20, -300], ids=["tag", "last byte", "content"])
def test_one_changed_bit_is_told_where_it_is_authenticated(place, tmp_path):
    sealed = bytearray(cms.envelope(INSIDE, [Reader(CERTIFICATES["P-256"], gcm=True)]))
    sealed[place] ^= 1
    assert opened(bytes(sealed), "P-256", tmp_path) is None


def test_all_must_read_the_authenticated_form():
    able, unable = Reader(CERTIFICATES["P-256"], gcm=True), Reader(CERTIFICATES["RSA 2048"])
    kinds = [
        read.ContentInfo.load(cms.envelope(b"", readers))["content_type"].native
        for readers in ([able], [able, unable])
    ]
    assert kinds == ["authenticated_enveloped_data", "enveloped_data"]


@pytest.mark.parametrize(("name", "version"), [("RSA 2048", "v0"), ("P-384", "v2")])
def test_the_version_is_that_of_its_recipients(name, version):
    """RFC 5652, 6.1: 0 as long as none is known by more than issuer and number."""
    sealed = cms.envelope(b"", [Reader(CERTIFICATES[name])])
    assert read.ContentInfo.load(sealed)["content"]["version"].native == version


def test_no_two_are_alike():
    readers = [Reader(CERTIFICATES["P-256"])]
    assert cms.envelope(INSIDE, readers)[-200:] != cms.envelope(INSIDE, readers)[-200:]


def test_a_key_that_only_signs_is_refused():
    signing = ed25519.Ed25519PrivateKey.generate()
    only = pki.named("x", signing, ISSUER).sign(ISSUER.key, pki.hashes.SHA256())
    with pytest.raises(ValueError, match="no key"):
        cms.envelope(b"", [Reader(only)])


@openssl
def test_25_megabytes(tmp_path):
    inside = os.urandom(1024) * (25 * 1024)
    for gcm in (False, True):
        sealed = cms.envelope(inside, [Reader(CERTIFICATES["P-256"], gcm=gcm)])
        assert opened(sealed, "P-256", tmp_path) == inside


@nss
@pytest.mark.parametrize("beside", ["alone", "beside OAEP"])
def test_nss_opens_what_everybody_is_sent(beside, tmp_path):
    """RSA, PKCS#1 v1.5 and CBC: what NSS 3.87 reads, as Thunderbird of 2023 does."""
    own: x509.Certificate = CERTIFICATES["RSA 2048"]
    readers = [Reader(own), *([Reader(CERTIFICATES["RSA 3072"], "sha256")] * (beside != "alone"))]
    (tmp_path / "cms").write_bytes(cms.envelope(INSIDE, readers))
    locked = pkcs12.serialize_key_and_certificates(
        b"a", KEYS["RSA 2048"], own, None, BestAvailableEncryption(b"x")
    )
    (tmp_path / "key.p12").write_bytes(locked)
    for command in (
        "certutil -N -d . --empty-password",
        "pk12util -i key.p12 -d . -W x -K ",
        "cmsutil -D -d . -i cms",
    ):
        done = subprocess.run(command.split(" "), cwd=tmp_path, capture_output=True)
        assert done.returncode == 0, done.stderr
    assert done.stdout == INSIDE
