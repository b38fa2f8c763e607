"""What the shipped rules do with what people send every day and nobody can read, or need not.

One row a shape: to a stranger, to a declared partner, to a colleague. A site may decide otherwise.
"""

from __future__ import annotations

from random import Random

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Partner, Places
from gateway.detect import search
from gateway.extract import ocr
from gateway.model import DEFAULT_LIMITS, Disposition
from gateway.rulebook import read_rules
from tests.makers import archives, documents, judged, outlook
from tests.makers.mails import attachment, entity, message, mixed, multipart, text
from tests.makers.ordinary import shapes

STRANGER, PARTNER, COLLEAGUE = "x@mail.example", "paie@partenaire.example", "y@chu.example"
PLACES = Places(
    domains=("chu.example",),
    partners={"paie": Partner(domains=("partenaire.example",), until=None)},
)
JUDGE = Judge(read_rules([SHIPPED_RULES], search.kinds()), PLACES, None)
HELD, PASS = Disposition.QUARANTINE, Disposition.PASS
PAYSLIP = documents.pdf_locked(documents.pdf("Bulletin de paie de mai"), user="8f3kd92m")
PGP = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA7r4q0Jr\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"


def smime() -> bytes:
    media = "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"
    return message(entity(media, archives.enveloped(), "base64"))


def pgp_mime() -> bytes:
    control = entity("application/pgp-encrypted", b"Version: 1\r\n")
    sealed = entity("application/octet-stream", PGP)
    return message(multipart("encrypted", control, sealed))


def photo() -> bytes:
    from tests.makers import scans

    return scans.saved(scans.landscape(1600, 1200), "JPEG")


SHAPES = {
    "opaque S/MIME": (smime, HELD),
    "PGP/MIME": (pgp_mime, HELD),
    "PGP in the body": (lambda: message(text(PGP.decode())), HELD),
    "a payslip under a password": (
        lambda: mixed(text("Votre bulletin de mai.\n"), attachment("paie-mai.pdf", PAYSLIP)),
        HELD,
    ),
    "an invitation": (lambda: shapes()["calendars.exchange_invitation"](Random(1)), PASS),
    "winmail.dat": (
        lambda: mixed(
            text("Bonjour\n"),
            attachment(
                "winmail.dat",
                outlook.winmail({}, body="Bonjour", attached={"a.docx": documents.docx("Ordre")}),
                "application/ms-tnef",
            ),
        ),
        PASS,
    ),
    "a photograph": (lambda: mixed(text("La vue.\n"), attachment("vue.jpg", photo())), PASS),
    "a newsletter": (
        lambda: shapes()["lists.newsletter_with_hidden_preheader"](Random(1)),
        PASS,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_default_of_each_shape(shape):
    make, to_a_stranger = SHAPES[shape]
    if shape == "a photograph" and not ocr.engine():
        pytest.skip("missing: tesserocr, or Debian's tesseract-ocr-fra")
    content = make()
    reading = inspection.read(content, DEFAULT_LIMITS)
    seen = inspection.conclude(reading, b"k" * 32)
    mail = judged.mail(STRANGER, PARTNER, COLLEAGUE, content=content)
    became = {one.recipient: one.disposition for one in JUDGE.decide(mail, seen)}
    assert became == {STRANGER: to_a_stranger, PARTNER: PASS, COLLEAGUE: PASS}, seen.problems


def test_a_payslip_with_its_password_beside_is_held_for_the_partner_too():
    body = text("Votre bulletin de mai. Mot de passe : 8f3kd92m\n")
    content = mixed(body, attachment("paie-mai.pdf", PAYSLIP))
    seen = inspection.conclude(inspection.read(content, DEFAULT_LIMITS), b"k" * 32)
    mail = judged.mail(STRANGER, PARTNER, COLLEAGUE, content=content)
    became = {one.recipient: one.disposition for one in JUDGE.decide(mail, seen)}
    assert became == {STRANGER: HELD, PARTNER: HELD, COLLEAGUE: PASS}
