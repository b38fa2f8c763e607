"""DKIM: verified by dkimpy, and by openssl from the text of the standard.

OpenDKIM's test tool asks the real DNS for the key, and signs with SHA-1 only: of no use here.
"""

import base64
import subprocess

import dkim
import pytest
from cryptography.hazmat.primitives import serialization

from gateway.act.sign import DkimKey, Signer
from gateway.errors import Misconfigured, Temporary
from tests.makers import sealing

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


def signed(message=None):
    return Signer([KEY]).sign(message or sealing.message(), "CH.example")


def test_a_signature_is_put_in_front_and_nothing_else_changes():
    out = signed()
    assert out.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;")
    assert out.endswith(sealing.message())
    assert verifies(out)
    assert verifies(sealing.TRACE + out)


@pytest.mark.parametrize(
    "change",
    [
        (b"Subject: ", b"Subject: x"),
        (b"From: ", b"From: <evil@mail.example>\r\nFrom: "),  # over-signed
        (b"Bonjour", b"bonjour"),
        (b"Content-Type: text/plain", b"Content-Type: text/html"),
        (b"To: ", b"Cc: x@mail.example\r\nTo: "),
    ],
)
def test_a_change_afterwards_is_seen(change):
    out = signed()
    assert change[0] in out
    assert not verifies(out.replace(*change, 1) if change[0] != b"From: " else late(out, change))


def late(out, change):
    """The change in the message, not in the h= of the signature."""
    at = out.index(b"\r\nFrom: ") + 2
    return out[:at] + out[at:].replace(*change, 1)


def test_another_key_does_not_verify():
    assert not verifies(signed(), sealing.rsa_key("other"))


def test_a_domain_without_a_key_is_left_unsigned():
    assert Signer([KEY]).sign(BARE, "sub.ch.example") == BARE


def test_a_domain_with_a_key_is_never_left_unsigned():
    with pytest.raises(Temporary):
        Signer([KEY]).sign(BROKEN, "ch.example")


@pytest.mark.parametrize(
    ("private", "wrong"),
    [
        (b"not a key", "no PEM private key"),
        (sealing.pem(sealing.ec_key("x")), "not an RSA key"),
    ],
)
def test_a_key_that_could_not_sign_is_refused_at_start(private, wrong):
    with pytest.raises(Misconfigured, match=wrong):
        Signer([DkimKey("ch.example", "s1", private)])


def test_the_private_key_shows_in_no_repr():
    assert "PRIVATE" not in repr(KEY)


def tags(message):
    field = message[: message.index(b"\r\nFrom") if b"\r\nFrom" in message else None]
    field = field.partition(b"DKIM-Signature:")[2].replace(b"\r\n", b"")
    pairs = (tag.partition(b"=")[::2] for tag in b"".join(field.split()).split(b";"))
    return {name.decode(): value for name, value in pairs}


def test_openssl_verifies_what_the_standard_says_is_signed(tmp_path):
    """RFC 6376, 3.4.2 and 3.7, written out here without dkimpy; openssl does the rest."""
    out = signed()
    end = out.index(sealing.message())
    signature, head = out[:end], sealing.message().partition(b"\r\n\r\n")[0]
    left = [line.split(b":", 1) for line in head.split(b"\r\n")]
    written = []
    for name in tags(signature)["h"].split(b":"):
        last = next((f for f in reversed(left) if f[0].strip().lower() == name.lower()), None)
        if last:
            left.remove(last)
            written.append(name.lower() + b":" + b" ".join(last[1].split()) + b"\r\n")
    value = b" ".join(signature.partition(b":")[2].split())
    written.append(b"dkim-signature:" + value[: value.index(b" b=") + 3])
    (tmp_path / "data").write_bytes(b"".join(written))
    (tmp_path / "sig").write_bytes(base64.b64decode(tags(signature)["b"]))
    public = sealing.rsa_key("dkim").public_key()
    (tmp_path / "pub").write_bytes(
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    check = ["openssl", "dgst", "-sha256", "-verify", "pub", "-signature", "sig", "data"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).stdout == b"Verified OK\n"
