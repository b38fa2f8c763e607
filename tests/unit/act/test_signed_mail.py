"""Certificates taken from mails that openssl signed."""

import base64
import email
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import signed_mail
from gateway.act.certificate_path import Anchors
from gateway.act.certificate_use import reads
from tests.makers import pki, sealing

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl missing")
MARIE = "marie@cabinet.example"
ROOT = pki.Authority("Racine fictive")
BETWEEN = pki.Authority("Autorité intermédiaire", ROOT)
STRANGER = pki.Authority("Autorité inconnue")
ENTITY = (
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"R\xc3\xa9sultats.\r\n"
)
BOTH = {"digital_signature": True, "key_encipherment": True}
REAL = BETWEEN.issue(MARIE)  # anybody may have it


@pytest.fixture
def anchors(tmp_path):
    (tmp_path / "anchors").mkdir()
    (tmp_path / "anchors" / "root.pem").write_bytes(pki.pem(ROOT.certificate))
    return Anchors(tmp_path / "anchors")


def signed(folder, *options, issuer=BETWEEN, address=MARIE, sender=MARIE, key=None, beside=()):
    """beside: further certificates that travel with it."""
    key = key or sealing.rsa_key(address)
    certificate = issuer.issue(address, key=key, allowed=BOTH)
    (folder / "signer.pem").write_bytes(pki.pem(certificate))
    (folder / "key.pem").write_bytes(sealing.pem(key))
    (folder / "beside.pem").write_bytes(pki.pem(BETWEEN.certificate, *beside))
    (folder / "entity").write_bytes(ENTITY)
    command = (
        "openssl cms -sign -in entity -signer signer.pem -inkey key.pem -certfile beside.pem"
        " -binary -crlfeol -md sha256"
    )
    done = subprocess.run([*command.split(), *options], cwd=folder, capture_output=True, check=True)
    made = done.stdout.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return sealing.mail(f"From: Marie <{sender}>\r\n".encode() + made, sender=sender)


def brought(mail, anchors):
    def has_path(known):
        return bool(anchors.path(known.certificate, known.chain, pki.NOW))

    return signed_mail.brought(mail, has_path)


@pytest.mark.parametrize(
    "options",
    [(), ("-nodetach",), ("-keyid",), ("-md", "sha512"), ("-keyopt", "rsa_padding_mode:pss")],
    ids=" ".join,
)
def test_a_signed_mail_brings_its_writers_certificate(tmp_path, anchors, options):
    mail = signed(tmp_path, *options)
    assert signed_mail.may_be(mail.content)
    writer, [known] = brought(mail, anchors)
    assert writer == MARIE
    assert pki.pem(known.certificate) == (tmp_path / "signer.pem").read_bytes()
    assert known.chain == (BETWEEN.certificate,)


def test_a_curve_signs_as_well(tmp_path, anchors):
    _, [known] = brought(signed(tmp_path, key=sealing.ec_key(MARIE)), anchors)
    assert known.certificate.public_key().curve.name == "secp256r1"


def test_what_its_program_reads_is_taken_from_what_it_signed(tmp_path, anchors):
    """openssl 3.0 names AES-256-CBC, and no GCM."""
    _, [known] = brought(signed(tmp_path), anchors)
    assert known.capabilities
    assert not reads(known).gcm


def test_one_certificate_signs_and_another_one_reads(tmp_path, anchors):
    reading = BETWEEN.issue(MARIE, key=sealing.rsa_key("reading"))
    others = BETWEEN.issue("paul@cabinet.example")
    mail = signed(tmp_path, beside=(reading, others))
    _, known = brought(mail, anchors)
    assert reading in {one.certificate for one in known}
    assert others not in {one.certificate for one in known}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"issuer": STRANGER}, "no path to an anchor"),
        ({"sender": "paul@cabinet.example"}, "the writer is somebody else"),
        ({"issuer": STRANGER, "beside": (REAL,)}, "a stranger tells what Marie's program reads"),
        ({"address": "paul@cabinet.example", "beside": (REAL,)}, "Paul does"),
    ],
)
def test_what_is_not_proven_is_not_kept(tmp_path, anchors, changes, why):
    _, known = brought(signed(tmp_path, **changes), anchors)
    assert known == (), why


@pytest.mark.parametrize("options", [(), ("-nodetach",)], ids=["detached", "opaque"])
def test_a_changed_mail_proves_nothing(tmp_path, anchors, options):
    """Each bit of what is signed counts."""
    mail = signed(tmp_path, *options)
    if options:
        other = signed(tmp_path, "-noattr", *options).content.partition(b"\r\n\r\n")[2]
        text = mail.content.replace(mail.content[-200:-190], other[-200:-190])
    else:
        text = mail.content.replace(b"R\xc3\xa9sultats", b"R\xc3\xa9sultatz")
    assert text != mail.content
    assert brought(sealing.mail(text, sender=MARIE), anchors)[1] == ()


@pytest.mark.parametrize("options", [("-md", "sha1"), ("-noattr",)], ids=" ".join)
def test_what_others_could_have_made_proves_nothing(tmp_path, anchors, options):
    """Without signed attributes, those of another mail would pass for what was signed."""
    assert brought(signed(tmp_path, *options), anchors)[1] == ()


def test_ordinary_mail_is_not_looked_at():
    assert not signed_mail.may_be(sealing.message())
    assert signed_mail.brought(sealing.mail(), lambda known: True) == ("", ())


@pytest.mark.parametrize(
    "boundary",
    [
        "boundary*=undefined''x",
        "boundary*=idna''%ff",
        "boundary*=a%00b''x",
        "boundary=x; a*0*=; a*",
    ],
)
def test_a_parameter_that_nobody_can_decode_proves_nothing(boundary):
    kind = f'multipart/signed; protocol="application/pkcs7-signature"; {boundary}'
    content = sealing.message(f"From: {MARIE}", f"Content-Type: {kind}")
    mail = sealing.mail(content, sender=MARIE)
    assert signed_mail.brought(mail, lambda known: True)[1] == ()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return signed(tmp_path_factory.mktemp("signed")).content


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_no_damage_makes_it_fall_or_prove_anything_else(whole, data):
    at = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(min_size=1, max_size=6))
    changed = whole[:at] + junk + whole[at + len(junk) :]
    _, known = signed_mail.brought(sealing.mail(changed, sender=MARIE), lambda one: True)
    assert all(one.certificate.public_bytes(pki.Encoding.PEM) for one in known)


def test_a_certificate_of_no_version_that_there_is_proves_nothing(whole):
    written = email.message_from_bytes(whole).get_payload()[1].get_payload()
    signature = base64.b64decode(written)
    third, second = bytes.fromhex("a003020102"), bytes.fromhex("a003020101")
    assert third in signature
    changed = base64.encodebytes(signature.replace(third, second))
    damaged = whole.replace(written.encode(), changed.replace(b"\n", b"\r\n"))
    assert damaged != whole
    told = signed_mail.brought(sealing.mail(damaged, sender=MARIE), lambda one: True)
    assert told == (MARIE, ())
