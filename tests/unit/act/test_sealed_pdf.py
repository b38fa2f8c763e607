"""Encrypted PDF: opened with qpdf, poppler and pikepdf."""

import email
import email.policy
import io
import random
import re
import shutil
import subprocess
from dataclasses import replace

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import outside, sealed_pdf
from gateway.act.method import Means
from gateway.errors import NoChannel, Temporary
from tests.drawing import bare, draw
from tests.makers import sealing

PAUL, EVE = "paul@cabinet.example", "eve@cabinet.example"
MEANS = Means(
    None,
    True,
    lambda address: address.endswith("@ch.example"),
    "Le CH d'Exemple",
    draw=draw,
)
TEXT = "Où est l'œuvre de Noël ? À Łukasz, « ça coûte » 12 €…\r\n"
DATA = bytes(range(256)) * 300


def needs(tool):
    return pytest.mark.skipif(not shutil.which(tool), reason=f"{tool} missing")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The mail, what was sealed of it, and the document in a file."""
    folder = tmp_path_factory.mktemp("pdf")
    content = sealing.message(text=TEXT, files=(("bilan%20%C3%A9t%C3%A9.bin", DATA),))
    mail = sealing.mail(content)
    (sealed,) = sealed_pdf.seal(MEANS, mail, outside.of(mail), mail.envelope.addresses)
    parts = email.message_from_bytes(sealed.content, policy=email.policy.default)
    (document,) = parts.iter_attachments()
    (folder / "x.pdf").write_bytes(document.get_content())
    return mail, sealed, folder


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True)


@needs("qpdf")
def test_qpdf_sees_aes_256_revision_6_and_opens_it(made):
    _, sealed, folder = made
    told = run(folder, "qpdf", f"--password={sealed.secret}", "--show-encryption", "x.pdf").stdout
    assert b"R = 6" in told
    for what in (b"stream", b"string", b"file"):
        assert what + b" encryption method: AESv3" in told
    assert run(folder, "qpdf", f"--password={sealed.secret}", "--check", "x.pdf").returncode == 0
    opened = run(folder, "qpdf", "--decrypt", f"--password={sealed.secret}", "x.pdf", "o.pdf")
    assert opened.returncode == 0


@needs("qpdf")
@pytest.mark.parametrize("password", ["", "0000", "aaaa-aaaa-aaaa-aaaa"])
def test_nothing_opens_without_the_secret(made, password):
    _, _, folder = made
    assert run(folder, "qpdf", f"--password={password}", "--check", "x.pdf").returncode == 2


@needs("pdftotext")
def test_poppler_reads_the_text_with_its_accents(made):
    _, sealed, folder = made
    text = run(folder, "pdftotext", "-upw", sealed.secret, "x.pdf", "-").stdout.decode()
    assert TEXT.strip() in text
    assert "De : Hélène <helene@ch.example>" in text.replace("\u00a0", " ")
    assert "Objet : Résultats" in text.replace("\u00a0", " ")
    assert "bilan été.bin (75 Ko)" in text


@needs("pdfdetach")
def test_poppler_takes_the_files_out_byte_for_byte(made):
    mail, sealed, folder = made
    secret = ("-upw", sealed.secret)
    run(folder, "pdfdetach", *secret, "-saveall", "x.pdf")
    assert (folder / "bilan été.bin").read_bytes() == DATA
    assert (folder / "message.eml").read_bytes() == mail.content


@pytest.mark.slow
@needs("qpdf")
def test_25_megabytes(tmp_path):
    """Of noise, which no filter makes small."""
    noise = random.Random(10).randbytes(18_000_000)
    mail = sealing.mail(sealing.message(files=(("grand.bin", noise),)))
    assert len(mail.content) > 24_000_000
    locked = sealed_pdf.locked(bare("pdf", mail), mail.content, "s")
    (tmp_path / "x.pdf").write_bytes(locked)
    taken = run(tmp_path, "qpdf", "--password=s", "--show-attachment=message.eml", "x.pdf")
    assert taken.stdout == mail.content


def test_nothing_of_the_mail_stands_in_the_document_in_clear(made):
    _, _, folder = made
    raw = (folder / "x.pdf").read_bytes()
    for word in (b"bilan", b"message.eml", b"Bonjour", b"R\xc3\xa9sultats", b"cabinet.example"):
        assert word not in raw
        assert word.decode().encode("utf-16-be") not in raw


def test_the_cover_tells_how_to_open_it_and_never_the_secret(made):
    _, sealed, _ = made
    parts = email.message_from_bytes(sealed.content, policy=email.policy.default)
    words = parts.get_body().get_content().replace("\r\n", "\n")
    assert words.startswith("Bonjour,\n\nLe CH d'Exemple vous a envoyé un message.")
    assert "par téléphone" in words
    assert "« Pièces jointes »" in words.replace("\u00a0", " ")
    assert sealed.secret not in sealed.content.decode()
    assert sealed.content.isascii()
    assert max(len(line) for line in sealed.content.split(b"\r\n")) <= 78


def test_a_secret_has_enough_bits_no_look_alikes_and_is_never_the_same():
    some = {sealed_pdf.new_secret() for _ in range(200)}
    assert len(some) == 200
    assert all(re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", secret) for secret in some)
    assert not set("015oilszbuvn") & set("".join(some))
    assert len(set(sealed_pdf.ALPHABET)) ** 16 > 2**60


@pytest.mark.parametrize(
    ("sender", "allowed", "fits"),
    [
        ("helene@ch.example", True, True),
        ("helene@ch.example", False, False),
        ("", True, False),  # nobody to tell the secret
        ("helene@mail.example", True, False),  # not ours: the secret would leave by mail
    ],
)
def test_whom_it_fits(sender, allowed, fits):
    means = Means(None, allowed, MEANS.ours)
    assert sealed_pdf.fits(means, sealing.mail(sender=sender), "x@mail.example") is fits


@settings(max_examples=10, deadline=None)
@given(st.binary(max_size=400))
def test_any_mail_can_be_sealed(content):
    made = sealed_pdf.locked(draw("pdf", sealing.mail(content)), content, "s")
    with pikepdf.open(io.BytesIO(made), password="s") as pdf:
        assert pdf.attachments["message.eml"].get_file().read_bytes() == content


def test_whoever_agreed_on_a_password_gets_his_own_document_and_the_sender_is_told_the_others():
    means = replace(MEANS, agreed=lambda address: "le mot convenu" if address == PAUL else "")
    mail = sealing.mail(to=(EVE, PAUL))
    by_recipient = {
        one.recipients: one
        for one in sealed_pdf.seal(means, mail, outside.of(mail), mail.envelope.addresses)
    }
    assert by_recipient[PAUL,].secret == ""
    assert re.fullmatch(r"[a-z2-9-]{19}", by_recipient[EVE,].secret)
    for one, password in (
        (by_recipient[PAUL,], "le mot convenu"),
        (by_recipient[EVE,], by_recipient[EVE,].secret),
    ):
        with pikepdf.open(io.BytesIO(attached(one.content)), password=password) as pdf:
            assert pdf.attachments["message.eml"].get_file().read_bytes() == mail.content
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(attached(by_recipient[EVE,].content)), password="le mot convenu")
    assert "dont vous êtes convenu avec Le CH d'Exemple" in words_of(by_recipient[PAUL,].content)
    assert "par téléphone" not in words_of(by_recipient[PAUL,].content)


def test_the_cover_announces_a_text_message_where_one_may_come():
    means = replace(MEANS, texts=lambda address: True)
    mail = sealing.mail()
    (one,) = sealed_pdf.seal(means, mail, outside.of(mail), mail.envelope.addresses)
    assert "Le mot de passe vous arrive par SMS. Sinon, demandez-le" in words_of(one.content)


@pytest.mark.parametrize("drawn", [None, b"", b"%PDF-1.7 nothing", draw("zip", sealing.mail())])
def test_what_no_worker_drew_leaves_by_no_other_way_than_the_next_channel(drawn):
    means, mail = replace(MEANS, draw=lambda order, mail: drawn), sealing.mail()
    with pytest.raises(NoChannel) as refused:
        sealed_pdf.seal(means, mail, outside.of(mail), mail.envelope.addresses)
    assert refused.value.recipients == mail.envelope.addresses


def test_where_nobody_can_draw_the_mail_comes_again():
    mail = sealing.mail()
    with pytest.raises(Temporary):
        sealed_pdf.seal(Means(None, True, bool), mail, outside.of(mail), mail.envelope.addresses)


def attached(content):
    return email.message_from_bytes(content).get_payload()[1].get_payload(decode=True)


def words_of(content):
    words = email.message_from_bytes(content).get_payload()[0].get_payload(decode=True).decode()
    return " ".join(words.split())


@pytest.mark.parametrize("address", ["", "pas-pour-moi@ch.example"])
def test_the_words_beside_it_say_where_to_tell_that_it_is_for_somebody_else(address):
    mail = sealing.mail(sealing.message())
    means = replace(MEANS, incidents=address)
    (sealed,) = sealed_pdf.seal(means, mail, outside.of(mail), mail.envelope.addresses)
    parts = email.message_from_bytes(sealed.content, policy=email.policy.default)
    cover, _ = parts.iter_parts()
    assert ("pas destiné" in cover.get_content()) is bool(address)
    assert not address or address in cover.get_content()
