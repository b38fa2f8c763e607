"""S/MIME: opened with the real openssl."""

import email
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import header, outside, smime
from gateway.act.certificates import Directory
from gateway.act.method import Means
from tests.makers import sealing

MARIE, PAUL, HIDDEN = "marie@cabinet.example", "paul@cabinet.example", "hidden@cabinet.example"
openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl missing")


@pytest.fixture
def means(tmp_path):
    for address in (MARIE, PAUL, HIDDEN):
        (tmp_path / f"{address}.pem").write_bytes(sealing.certificate(address))
    known = Directory(tmp_path, clock=lambda: sealing.RECEIVED)
    return Means(known, pdf=False, ours=lambda address: address.endswith("@ch.example"))


def seal(means, mail):
    return smime.seal(means, mail, outside.of(mail), mail.envelope.addresses)


def opened(sealed, address, folder):
    """As `openssl cms` reads a mail: S/MIME form in, exact bytes out."""
    (folder / "mail").write_bytes(sealed)
    (folder / "key").write_bytes(sealing.pem(sealing.rsa_key(address)))
    command = ["openssl", "cms", "-decrypt", "-in", "mail", "-inkey", "key", "-binary"]
    done = subprocess.run(command, cwd=folder, capture_output=True)
    return done.stdout if done.returncode == 0 else None


@openssl
def test_openssl_finds_every_byte_of_the_original_inside(means, tmp_path):
    mail = sealing.mail(sealing.message(files=(("r%C3%A9sultats.pdf", bytes(range(256)) * 99),)))
    (sealed,) = seal(means, mail)
    inside = opened(sealed.content, MARIE, tmp_path)
    assert header.split(inside)[1] == header.split(mail.content)[1]
    before, after = header.read(header.split(mail.content)[0]), header.read(header.split(inside)[0])
    kept = [raw for name, raw in after.fields if name not in (b"hp-outer", b"content-type")]
    assert kept == [raw for name, raw in before.fields if name != b"content-type"]


@openssl
def test_another_key_opens_nothing(means, tmp_path):
    (sealed,) = seal(means, sealing.mail())
    assert opened(sealed.content, PAUL, tmp_path) is None


def test_the_outside_says_nothing(means):
    (sealed,) = seal(means, sealing.mail())
    mail = email.message_from_bytes(sealed.content)
    assert mail.get_content_type() == "application/pkcs7-mime"
    assert mail.get_param("smime-type") == "enveloped-data"
    assert mail["Content-Transfer-Encoding"] == "base64"
    lines = sealed.content.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert b"\n" not in b"".join(lines)


@openssl
def test_the_cipher_is_aes_256(means, tmp_path):
    (sealed,) = seal(means, sealing.mail())
    (tmp_path / "mail").write_bytes(sealed.content)
    command = ["openssl", "cms", "-cmsout", "-print", "-in", "mail"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    assert b"aes-256-cbc" in told


@openssl
def test_those_who_see_each_other_share_a_message_and_the_hidden_one_does_not(means, tmp_path):
    mail = sealing.mail(
        sealing.message(f"To: {MARIE}", f"Cc: {PAUL.upper()}"), to=(MARIE, HIDDEN, PAUL)
    )
    shared, alone = seal(means, mail)
    assert shared.recipients == (MARIE, PAUL)
    assert alone.recipients == (HIDDEN,)
    assert opened(shared.content, MARIE, tmp_path) == opened(shared.content, PAUL, tmp_path)
    assert opened(shared.content, HIDDEN, tmp_path) is None
    assert opened(alone.content, HIDDEN, tmp_path)
    assert opened(alone.content, MARIE, tmp_path) is None


def payload(content):
    return smime.payload(content, outside.of(sealing.mail(content)))


def test_header_protection_as_rfc_9788_has_it():
    assert payload(sealing.message()) == (
        b"From: =?utf-8?q?H=C3=A9l=C3=A8ne?= <helene@ch.example>\r\n"
        b"To: Marie <marie@cabinet.example>\r\n"
        b"Subject: =?utf-8?q?R=C3=A9sultats?=\r\n"
        b"Date: Mon, 23 Nov 2026 14:31:00 +0100\r\n"
        b"Message-ID: <abc@ch.example>\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset=utf-8;\r\n hp="cipher"\r\n'
        b"Content-Transfer-Encoding: 8bit\r\n"
        b"HP-Outer: From: helene@ch.example\r\n"
        b"HP-Outer: To: marie@cabinet.example\r\n"
        b"HP-Outer: Date: Mon, 23 Nov 2026 14:31:00 +0100\r\n"
        b"HP-Outer: Message-ID: <abc@ch.example>\r\n"
        b"HP-Outer: Subject: =?utf-8?q?Message_chiffr=C3=A9?=\r\n"
        b"\r\n"
        b"Bonjour,\r\nLes r\xc3\xa9sultats sont joints.\r\n"
    )


def test_a_mail_without_a_type_gets_the_default_one():
    inside = payload(b"From: helene@ch.example\r\nHP-Outer: Subject: faux\r\n\r\nA\r\n")
    assert email.message_from_bytes(inside).get_param("hp") == "cipher"
    assert b"faux" not in inside  # a sender's own HP-Outer would lie about our outside


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Type: text/plain; x="open\r\n',
        b"Content-Type: text/plain (note\r\n",
        b'Content-Type: text/plain; x="\\"\r\n',
        b"Content-Type: text/plain\r\nContent-Type: text/html\r\n",
        b"no field at all\r\n",
        b"A: bare\nB: b\r\n",
    ],
)
def test_an_odd_mail_is_enclosed_whole(head):
    content = b"From: helene@ch.example\r\n" + head + b"\r\nBonjour\r\n"
    assert payload(content).partition(b"\r\n\r\n")[2] == content


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_the_body_is_never_changed(body):
    content = b"From: helene@ch.example\r\nContent-Type: a/b;\r\n\r\n" + body
    assert header.split(payload(content))[1] == body


@openssl
@settings(deadline=None)
@given(body=st.binary(max_size=2000))
def test_any_body_comes_back_from_openssl(tmp_path_factory, body):
    folder = tmp_path_factory.mktemp("open")
    (folder / "a.pem").write_bytes(sealing.certificate(MARIE))
    known = Directory(folder, clock=lambda: sealing.RECEIVED)
    means = Means(known, pdf=False, ours=bool)
    mail = sealing.mail(b"From: helene@ch.example\r\n\r\n" + body)
    (sealed,) = seal(means, mail)
    assert header.split(opened(sealed.content, MARIE, folder))[1] == body
