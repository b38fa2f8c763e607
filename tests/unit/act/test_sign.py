"""DKIM: verified by OpenDKIM (RSA and Ed25519), by dkimpy, and by openssl from the standard."""

import base64
import subprocess
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives import serialization

from gateway.act import header
from gateway.act.sign import MAX_SIGNED_FIELDS, OVERSIGNED, DkimKey, Signer
from gateway.errors import Misconfigured, Temporary
from tests import opendkim
from tests.makers import sealing, signing

KEY = DkimKey("ch.example", "s1", sealing.pem(sealing.rsa_key("dkim")))
BARE = b"Content-Type: text/plain\r\n\r\nA\r\n"
BROKEN = b"this is no header field\r\n\r\nA\r\n"


def record(key=None):
    der = (
        (key or sealing.rsa_key("dkim"))
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def verifies(message, key=None):
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: record(key))


@cache
def signed(message=None):
    return Signer([KEY]).sign(message or sealing.message(), "CH.example")


def selectors(message):
    return [tags(one)["s"].decode() for one in message.split(b"DKIM-Signature:")[1:]]


def tags(field):
    pairs = (tag.partition(b"=")[::2] for tag in b"".join(field.split()).split(b";"))
    return {name.decode(): value for name, value in pairs}


def test_a_signature_is_put_in_front_and_nothing_else_changes():
    out = signed()
    assert out.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;")
    assert out.endswith(sealing.message())
    assert verifies(out)
    assert verifies(sealing.TRACE + out)


def test_two_keys_make_two_signatures_that_another_program_verifies(tmp_path):
    """And not once a letter was changed."""
    made = [signing.made("rsa"), signing.made("ed25519")]
    sent = [signing.signer().sign(one, "ch.example") for one in signing.ODD_SHAPES.values()]
    wrong = [one.replace(b"Message-ID: <", b"Message-ID: <x") for one in sent]
    records = {one.name: one.record for one in made}
    told = opendkim.verdicts(tmp_path, records, [*sent, *wrong])
    right = dict(zip(signing.ODD_SHAPES, told, strict=False))
    assert right == {shape: {"r1": "pass", "e1": "pass"} for shape in signing.ODD_SHAPES}
    assert told[len(sent) :] == [{"r1": "fail", "e1": "fail"}] * len(sent)


@pytest.mark.parametrize("shape", signing.ODD_SHAPES)
def test_dkimpy_verifies_each_shape(shape):
    assert verifies(signed(signing.ODD_SHAPES[shape]))


@pytest.mark.parametrize(
    "change",
    [
        (b"Subject: ", b"Subject: x"),
        (b"Bonjour", b"bonjour"),
        (b"Content-Type: text/plain", b"Content-Type: text/html"),
    ],
)
def test_a_change_afterwards_is_seen(change):
    assert change[0] in signed()
    assert not verifies(signed().replace(*change, 1))


@pytest.mark.parametrize("name", [name.decode() for name in OVERSIGNED])
def test_no_field_can_be_added_on_either_side(name):
    """Above the signature and below the last of its fields."""
    out, more = signed(), f"{name}: <autre@mail.example>\r\n".encode()
    assert not verifies(more + out)
    assert not verifies(out.replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n", 1))


def test_what_a_mail_server_adds_to_a_mail_without_it_breaks_nothing():
    bare = b"From: a@ch.example\r\nSubject: x\r\n\r\nA\r\n"
    out = signed(bare)
    assert verifies(
        b"Message-ID: <a@mta.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n" + out
    )
    assert not verifies(b"To: b@mail.example\r\n" + out)


def test_a_field_that_stands_twice_is_signed_twice_and_once_more():
    message = b"From: a@ch.example\r\nFrom: b@ch.example\r\nTo: c@mail.example\r\n\r\nA\r\n"
    assert tags(signed(message).partition(b"\r\nFrom")[0])["h"].split(b":").count(b"from") == 3
    assert verifies(signed(message))


def test_a_header_made_to_cost_is_not_signed():
    with pytest.raises(Temporary):
        signed(b"To: a@x.example\r\n" * (MAX_SIGNED_FIELDS + 1) + sealing.message())


def test_ten_thousand_signatures_of_others_are_no_matter():
    assert verifies(signed(b"X-Other: v=1\r\n" * 10_000 + sealing.message()))


def test_another_key_does_not_verify():
    assert not verifies(signed(), sealing.rsa_key("other"))


def test_a_domain_without_a_key_is_left_unsigned():
    assert Signer([KEY]).sign(BARE, "sub.ch.example") == BARE


def test_a_domain_with_a_key_is_never_left_unsigned():
    with pytest.raises(Temporary):
        Signer([KEY]).sign(BROKEN, "ch.example")


@pytest.mark.parametrize(
    ("now", "signs"),
    [
        (99.0, ["old"]),
        (100.0, ["other", "old"]),  # RSA first
        (200.0, ["other", "new"]),
        (300.0, ["new", "same"]),  # of one day: both
    ],
)
def test_of_each_algorithm_the_key_that_came_into_force_last_signs(now, signs):
    old, new = signing.made("ed25519", selector="old"), signing.made("ed25519", selector="new")
    other, same = signing.made("rsa", selector="other"), signing.made("ed25519", selector="same")
    keys = [
        signing.key(old, 0.0),
        signing.key(new, 200.0),
        signing.key(other, 100.0),
        signing.key(same, 300.0 if now < 300 else 200.0),
    ]
    if now == 300:
        keys = [one for one in keys if one.selector != "other"]
    out = Signer(keys, clock=lambda: now).sign(sealing.message(), "ch.example")
    assert selectors(out) == signs


def test_a_keyring_that_changes_is_read_again():
    first, second = signing.made("rsa", selector="a"), signing.made("rsa", selector="b")
    ring = [(signing.key(first),), (signing.key(second, 1.0),)]
    signer = Signer((), lambda: ring[0])
    assert selectors(signer.sign(sealing.message(), "ch.example")) == ["a"]
    del ring[0]
    assert selectors(signer.sign(sealing.message(), "ch.example")) == ["b"]


@pytest.mark.parametrize(
    ("private", "wrong"),
    [
        (b"not a key", "no PEM private key"),
        (sealing.pem(sealing.ec_key("x")), "neither RSA nor Ed25519"),
    ],
)
def test_a_key_that_could_not_sign_is_refused_at_start(private, wrong):
    with pytest.raises(Misconfigured, match=wrong):
        Signer([DkimKey("ch.example", "s1", private)])


@pytest.mark.parametrize(
    ("domain", "selector"),
    [
        ("ch.example", "s1; l=0"),
        ("ch.example", "s1\r\nBcc: x@mail.example"),
        ("ch.example", "../s1"),
        ("ch.example", ""),
        ("ch..example", "s1"),
        ("ch.example\r\n", "s1"),
        ("a" * 300, "s1"),
    ],
)
def test_a_name_that_could_add_a_tag_or_a_field_is_refused(domain, selector):
    with pytest.raises(Misconfigured, match="names of DNS"):
        Signer([DkimKey(domain, selector, KEY.private_key)])


def test_a_domain_with_accents_is_signed_under_its_name_in_dns():
    out = Signer([DkimKey("hôpital.example", "s1", KEY.private_key)]).sign(
        sealing.message(), "hôpital.example"
    )
    assert b"d=xn--hpital-ixa.example" in out
    key = DkimKey("xn--hpital-ixa.example", "s1", KEY.private_key)
    assert b"DKIM-Signature" in Signer([key]).sign(sealing.message(), "HÔPITAL.example")


def test_the_private_key_shows_in_no_repr():
    assert "PRIVATE" not in repr(KEY)
    assert "private" not in repr(signing.loaded(signing.made("rsa")))


def test_openssl_verifies_what_the_standard_says_is_signed(tmp_path):
    """RFC 6376, 3.4.2 and 3.7, written out here without dkimpy; openssl does the rest."""
    out = signed()
    signature = out[: out.index(sealing.message())]
    left = [raw.split(b":", 1) for _, raw in header.read(header.split(sealing.message())[0]).fields]
    said = tags(signature.partition(b"DKIM-Signature:")[2])
    written = []
    for name in said["h"].split(b":"):
        last = next((f for f in reversed(left) if f[0].strip().lower() == name.lower()), None)
        if last:
            left.remove(last)
            written.append(name.lower() + b":" + b" ".join(last[1].split()) + b"\r\n")
    value = b" ".join(signature.partition(b":")[2].split())
    written.append(b"dkim-signature:" + value[: value.index(b" b=") + 3])
    (tmp_path / "data").write_bytes(b"".join(written))
    (tmp_path / "sig").write_bytes(base64.b64decode(said["b"]))
    public = sealing.rsa_key("dkim").public_key()
    (tmp_path / "pub").write_bytes(
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    check = ["openssl", "dgst", "-sha256", "-verify", "pub", "-signature", "sig", "data"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).stdout == b"Verified OK\n"
