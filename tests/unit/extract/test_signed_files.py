"""Signed, compressed and enveloped files (CMS): what is signed is read, what is sealed is told."""

import base64

import pytest

from gateway import inspection
from gateway.extract import ber
from gateway.extract.kind import kinds
from gateway.model import Coverage, Limits, Part, Trouble
from tests.makers import archives as made
from tests.makers import documents, mails, sealing

NIR = "2 79 03 51 999 151 81"
ENTITY = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
ENTITY += base64.b64encode(f"Bonjour, {NIR}".encode())
MIXED = mails.message(mails.text(NIR, encoding="base64"))

READ = {
    "a text": made.signed(NIR.encode()),
    "PEM": made.signed(NIR.encode(), pem=True),
    "bare base64": base64.encodebytes(made.signed(NIR.encode())),
    "bare base64, signed in pieces": base64.b64encode(made.signed_in_pieces(NIR.encode())),
    "a PDF": made.signed(documents.pdf(NIR)),
    "a zip, the Italian way": made.signed(documents.zip_of({"a.docx": documents.docx(NIR)})),
    "a MIME entity": made.signed(ENTITY),
    "a whole mail": made.signed(MIXED),
    "in pieces, of indefinite length": made.signed_in_pieces(documents.docx(NIR)),
    "pieces that cut the number": made.signed_in_pieces(NIR.encode(), 5),
    "signed twice": made.signed(made.signed(NIR.encode())),
    "compressed": made.compressed(NIR.encode()),
}


def extracted(data, name="f"):
    return list(inspection.extracts(name, data, Limits()))


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


@pytest.mark.parametrize("name", READ)
def test_what_is_signed_is_read(name):
    parts = extracted(READ[name])
    assert NIR in "\n".join(part.text for part in parts)
    assert troubles(parts) == set()
    assert {part.coverage for part in parts} == {Coverage.WHOLE}


@pytest.mark.parametrize(
    "data", [made.signed(b"x", detached=True), made.signed(b"x", detached=True, pem=True)]
)
def test_a_signature_apart_says_nothing_of_its_own(data):
    (part,) = extracted(data)
    assert (part.problems, part.text, part.coverage) == ((), "f", Coverage.WHOLE)


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (made.enveloped(), Trouble.ENCRYPTED),
        (made.enveloped(6), Trouble.ENCRYPTED),
        (base64.b64encode(made.enveloped()), Trouble.ENCRYPTED),
        (made.signed(made.enveloped()), Trouble.ENCRYPTED),
        (b"\x85\x01\x0c\x03" + bytes(range(256)), Trouble.ENCRYPTED),
        (b"\xc3\x2e\x04\x09" + bytes(range(256)), Trouble.ENCRYPTED),
        (made.signed(NIR.encode() * 99)[:700], Trouble.DAMAGED),
        (made.signed_in_pieces(NIR.encode() * 99)[:700], Trouble.DAMAGED),
        (made.enveloped(9), Trouble.UNSUPPORTED),
    ],
    ids=["enveloped", "encrypted", "in base64", "within a signed one", "OpenPGP",
         "OpenPGP, password", "cut", "cut in pieces", "of no known kind"],
)  # fmt: skip
def test_what_is_sealed_or_broken_is_told(data, trouble):
    assert trouble in troubles(extracted(data))


def test_what_could_be_read_of_a_damaged_one_is_kept():
    parts = extracted(made.signed_in_pieces(NIR.encode() * 99)[:700])
    assert NIR in "\n".join(part.text for part in parts)


def test_the_name_of_what_is_signed():
    parts = extracted(made.signed(documents.pdf(NIR)), name="facture.pdf.p7m")
    assert parts[1].name == "facture.pdf"


def test_an_opaque_message_is_read_as_a_mail_program_shows_it():
    mail = sealing.message(
        "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        "Content-Transfer-Encoding: base64",
        text=base64.encodebytes(made.signed(ENTITY)).decode(),
    )
    # The maker writes a Content-Type of its own after these: the first one counts, both are read.
    parts = list(inspection.Walk(Limits(), {}, lambda _: None).message(mail, "", 0))
    said = "\n".join(inspection._shown(piece) for part in parts for piece in part.pieces)
    assert NIR in said


def test_a_deep_nest_ends_in_time():
    deep = b"\x30\x80" * 50_000
    with pytest.raises(ber.Broken):
        list(ber.walk(deep))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"MIIB c'est un prenom, et GCSqG aussi", "a text that begins like base64"),
        ("Écouter, puis \u00e9crire".encode("cp1252"), "its first letter is a mark of OpenPGP"),
        ("\u2026 et la suite".encode("cp1252"), "so is the ellipsis"),
    ],
)
def test_a_text_is_not_taken_for_a_sealed_one(data, why):
    assert kinds(Part("1", data)) == ("text",), why
