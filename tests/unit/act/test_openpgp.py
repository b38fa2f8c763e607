"""OpenPGP: opened with the real gpg, and with RNP, which Thunderbird reads by."""

from __future__ import annotations

import email
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysequoia import decrypt

from gateway.act import header, openpgp, outside
from gateway.act.method import Means
from gateway.act.openpgp_keys import Keyring
from gateway.errors import Misconfigured, Temporary
from tests.makers import openpgp as keys
from tests.makers import sealing

MARIE, PAUL, HIDDEN = "marie@cabinet.example", "paul@cabinet.example", "hidden@cabinet.example"
gpg_needed = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg missing")
rnp_needed = pytest.mark.skipif(not shutil.which("rnp"), reason="rnp missing")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for address in (MARIE, PAUL, HIDDEN):
        (folder / f"{address.partition('@')[0]}.asc").write_text(str(keys.public(address)))
    return folder


@pytest.fixture(scope="module")
def means(folder):
    return means_of(Keyring(folder))


def means_of(keyring):
    ours = lambda address: address.endswith("@ch.example")  # noqa: E731
    return Means(None, pdf=False, ours=ours, keys=keyring)


@pytest.fixture(scope="module")
def gpg():
    made = keys.Gpg()
    yield made
    made.close()


@pytest.fixture(scope="module")
def theirs(gpg, tmp_path_factory):
    """Marie's key, made by gpg as people's keys are; Paul's, which gpg does not have."""
    folder = tmp_path_factory.mktemp("theirs")
    (folder / "marie.gpg").write_bytes(gpg.make(MARIE))
    (folder / "paul.asc").write_text(str(keys.public(PAUL)))
    return means_of(Keyring(folder))


def seal(means, mail):
    return openpgp.seal(means, mail, outside.of(mail), mail.envelope.addresses)


def armoured(content):
    """The second part, as a mail program takes it out."""
    return email.message_from_bytes(content).get_payload()[1].get_payload(decode=True)


def opened(sealed, address):
    return decrypt(armoured(sealed.content), keys.secret(address).decryptor()).bytes


BIG = sealing.message(files=(("r%C3%A9sultats.pdf", bytes(range(256)) * 99),))


@gpg_needed
def test_gpg_finds_every_byte_of_the_original_inside(theirs, gpg):
    mail = sealing.mail(BIG)
    (sealed,) = seal(theirs, mail)
    inside = gpg.decrypt(armoured(sealed.content))
    assert header.split(inside)[1] == header.split(mail.content)[1]
    before, after = header.read(header.split(mail.content)[0]), header.read(header.split(inside)[0])
    kept = [raw for name, raw in after.fields if name not in (b"hp-outer", b"content-type")]
    assert kept == [raw for name, raw in before.fields if name != b"content-type"]
    assert email.message_from_bytes(inside).get_content_type() == "multipart/mixed"
    assert b'hp="cipher"' in header.split(inside)[0]


@rnp_needed
@gpg_needed
@pytest.mark.parametrize(
    "kinds", [("ed25519", "cv25519"), ("rsa2048", "rsa2048"), ("nistp256", "nistp256")]
)
def test_rnp_opens_it(gpg, tmp_path, kinds):
    address = f"{kinds[0]}@cabinet.example"
    (tmp_path / "m.asc").write_bytes(gpg.make(address, *kinds))
    mail = sealing.mail(BIG, to=(address,))
    (sealed,) = seal(means_of(Keyring(tmp_path)), mail)
    inside = keys.Rnp(tmp_path, gpg.secret(address)).decrypt(armoured(sealed.content))
    assert header.split(inside)[1] == header.split(mail.content)[1]
    assert header.split(gpg.decrypt(armoured(sealed.content)))[1] == header.split(mail.content)[1]


def test_a_key_of_the_new_kind_gets_an_authenticated_message(tmp_path):
    """RFC 9580 keys: their owner's program reads SEIPD v2, which no older one does."""
    (tmp_path / "m.asc").write_text(str(keys.secret_of_today(MARIE).extract_certificate()))
    (sealed,) = seal(means_of(Keyring(tmp_path)), sealing.mail())
    secret = keys.secret_of_today(MARIE).decryptor()
    assert b"Les r\xc3\xa9sultats" in decrypt(armoured(sealed.content), secret).bytes


@gpg_needed
def test_another_key_opens_nothing(theirs, gpg):
    (sealed,) = seal(theirs, sealing.mail(to=(PAUL,)))
    assert gpg.decrypt(armoured(sealed.content)) is None
    with pytest.raises(RuntimeError):
        opened(sealed, MARIE)


def test_the_outside_says_nothing(means):
    (sealed,) = seal(means, sealing.mail())
    mail = email.message_from_bytes(sealed.content)
    assert mail.get_content_type() == "multipart/encrypted"
    assert mail.get_param("protocol") == "application/pgp-encrypted"
    first, second = mail.get_payload()
    assert first.get_content_type() == "application/pgp-encrypted"
    assert first.get_payload() == "Version: 1\r\n"
    assert second.get_content_type() == "application/octet-stream"
    lines = sealed.content.split(b"\r\n")
    assert max(map(len, lines)) <= 100
    assert b"\n" not in b"".join(lines)
    assert sealed.content.isascii()


def test_those_who_see_each_other_share_a_message_and_the_hidden_one_does_not(means):
    mail = sealing.mail(
        sealing.message(f"To: {MARIE}", f"Cc: {PAUL.upper()}"), to=(MARIE, HIDDEN, PAUL)
    )
    shared, alone = seal(means, mail)
    assert shared.recipients == (MARIE, PAUL)
    assert alone.recipients == (HIDDEN,)
    assert opened(shared, MARIE) == opened(shared, PAUL)
    assert opened(alone, HIDDEN)
    for sealed, stranger in ((shared, HIDDEN), (alone, MARIE)):
        with pytest.raises(RuntimeError):
            opened(sealed, stranger)


def test_the_gateway_signs_inside(folder, tmp_path):
    house = keys.secret("passerelle@ch.example")
    (tmp_path / "house.pgp").write_text(str(house))
    keyring = Keyring(folder, signature=tmp_path / "house.pgp")
    (sealed,) = seal(means_of(keyring), sealing.mail())
    public = house.extract_certificate()
    found = decrypt(
        armoured(sealed.content), keys.secret(MARIE).decryptor(), store=lambda ids: [public]
    )
    assert [one.certificate for one in found.valid_sigs] == [public.fingerprint]


@pytest.mark.parametrize("content", [b"", b"no key", str(keys.public(MARIE)).encode()])
def test_a_key_that_does_not_sign_is_refused_at_the_start(tmp_path, content):
    (tmp_path / "house.pgp").write_bytes(content)
    with pytest.raises(Misconfigured, match="no OpenPGP secret key"):
        Keyring(None, signature=tmp_path / "house.pgp")


def test_a_key_that_goes_between_choice_and_use_defers(means, folder):
    mail = sealing.mail()
    with pytest.raises(Temporary):
        seal(means_of(Keyring(None)), mail)


@settings(deadline=None, max_examples=40)
@given(body=st.binary(max_size=2000))
def test_any_body_comes_back(means, body):
    mail = sealing.mail(b"From: helene@ch.example\r\nTo: marie@cabinet.example\r\n\r\n" + body)
    (sealed,) = seal(means, mail)
    assert header.split(opened(sealed, MARIE))[1] == body


@pytest.mark.slow
@gpg_needed
def test_25_megabytes(theirs, gpg):
    mail = sealing.mail(sealing.message(files=(("grand.bin", bytes(18_000_000)),)))
    (sealed,) = seal(theirs, mail)
    assert len(gpg.decrypt(armoured(sealed.content))) > 24_000_000
