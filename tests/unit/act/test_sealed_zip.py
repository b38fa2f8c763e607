"""Encrypted ZIP: opened with the real 7-Zip."""

from __future__ import annotations

import email
import io
import shutil
import subprocess
import zipfile

import pytest

from gateway.act import outside, sealed_pdf, sealed_zip
from gateway.act.method import Means
from tests.drawing import draw
from tests.makers import sealing

PAUL, EVE = "paul@cabinet.example", "eve@cabinet.example"
seven_zip = pytest.mark.skipif(not shutil.which("7zz"), reason="7zz missing")
MEANS = Means(
    None,
    pdf=False,
    ours=lambda address: address.endswith("@ch.example"),
    organisation="Le CH d'Exemple",
    zips=lambda address: address == PAUL,
    draw=draw,
)
FILES = (("r%C3%A9sultats.csv", b"a;b\r\n1;2\r\n"), ("message.eml", b"another"))


def seal(mail):
    (one,) = sealed_zip.seal(MEANS, mail, outside.of(mail), mail.envelope.addresses)
    return one


def archive(content):
    return email.message_from_bytes(content).get_payload()[1].get_payload(decode=True)


def extracted(data, secret, folder):
    """What 7-Zip takes out, or None where it refuses."""
    (folder / "a.zip").write_bytes(data)
    command = ["7zz", "x", "-y", f"-p{secret}", "a.zip", "-oout"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60)
    return (folder / "out" / "message.zip").read_bytes() if done.returncode == 0 else None


@seven_zip
def test_7zip_opens_it_with_the_secret_and_all_is_inside(tmp_path):
    mail = sealing.mail(sealing.message(files=FILES), to=(PAUL,))
    one = seal(mail)
    with zipfile.ZipFile(io.BytesIO(extracted(archive(one.content), one.secret, tmp_path))) as box:
        assert box.namelist() == [
            "message.txt",
            "pieces-jointes/résultats.csv",
            "pieces-jointes/message (2).eml",
            "message.eml",
        ]
        assert box.read("message.eml") == mail.content
        assert box.read("pieces-jointes/résultats.csv") == FILES[0][1]
        text = box.read("message.txt").decode("utf-8-sig")
    assert text.startswith("De : Hélène <helene@ch.example>\r\n")
    assert "Objet : Résultats" in text
    assert "Les résultats sont joints." in text


@seven_zip
def test_another_secret_opens_nothing(tmp_path):
    one = seal(sealing.mail(to=(PAUL,)))
    assert extracted(archive(one.content), sealed_pdf.new_secret(), tmp_path) is None


def test_no_name_size_or_checksum_of_a_file_stands_outside():
    content = sealing.message(files=(("dossier-dupont.pdf", b"x" * 1000),))
    with zipfile.ZipFile(io.BytesIO(archive(seal(sealing.mail(content)).content))) as box:
        [only] = box.infolist()
    assert only.filename == "message.zip"
    assert only.compress_type == 99  # AES, WinZip's own number
    assert only.CRC == 0
    assert only.extra[4:6] == b"\x02\x00"  # AE-2
    assert only.extra[8] == 3  # 256 bits


def test_the_cover_says_how_to_open_it_and_who_writes():
    words = email.message_from_bytes(seal(sealing.mail()).content).get_payload()[0]
    said = words.get_payload(decode=True).decode()
    assert "Le CH d'Exemple vous a" in said
    assert "7-Zip" in said


def test_each_mail_has_its_own_secret():
    assert seal(sealing.mail()).secret != seal(sealing.mail()).secret


@pytest.mark.parametrize(
    ("sender", "recipient", "fits"),
    [
        ("helene@ch.example", PAUL, True),
        ("helene@ch.example", EVE, False),  # she did not ask
        ("", PAUL, False),  # nobody to tell the secret
        ("x@mail.example", PAUL, False),  # not one of ours
    ],
)
def test_whom_it_fits(sender, recipient, fits):
    mail = sealing.mail(sender=sender, to=(recipient,))
    assert sealed_zip.fits(MEANS, mail, recipient) is fits


@pytest.mark.slow
@seven_zip
def test_25_megabytes(tmp_path):
    one = seal(sealing.mail(sealing.message(files=(("grand.bin", bytes(18_000_000)),))))
    assert extracted(archive(one.content), one.secret, tmp_path)
