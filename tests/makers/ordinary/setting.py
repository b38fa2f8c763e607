"""Who writes what to whom, and what they attach. Fictitious persons, office prose."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from PIL import Image, ImageDraw, ImageFont

from tests.makers import documents, persons, prose, scans, sealing

_SUBJECTS = (
    "Réunion de préparation du comité – ordre du jour",
    "RE: Livraison du mobilier, bâtiment B",
    "Compte rendu de la réunion d’équipe (à relire)",
    "Tr : Planning des congés d'été",
    "Invitation à l’inauguration de l’accueil",
    "Quarterly figures and next steps",
    "Demande de devis n° 24/118 : réponse attendue",
)
_ENGLISH = (
    "Hi all,\n\nPlease find attached the minutes of last week's call. The vendor confirmed that "
    "the new release ships in March; until then we keep the workaround. Let me know whether the "
    "schedule below still works for your team.\n\nBest regards,\n",
    "Dear colleagues,\n\nThe maintenance window is moved to Saturday, 8 pm. Nothing needs to be "
    "done on your side. Should anything look odd on Monday morning, reply to this message.\n\n"
    "Thanks,\n",
)
_QUIET = ("minutes of a meeting", "human resources", "works and figures")
_PARIS = (timezone(timedelta(hours=1)), timezone(timedelta(hours=2)))


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    sender: str
    to_name: str
    to: str
    subject: str
    text: str
    when: datetime

    @property
    def date(self) -> str:
        """As RFC 5322 wants it."""
        return format_datetime(self.when)

    @property
    def html(self) -> str:
        """Paragraphs of the text, as the simplest of editors writes them."""
        return "".join(f"<p>{line or '&nbsp;'}</p>\n" for line in self.text.split("\n"))

    @property
    def quoted(self) -> str:
        """The text below a reply."""
        return "".join(f"> {line}".rstrip() + "\n" for line in self.text.split("\n"))


def letter(rng: Random) -> Letter:
    sender, receiver = persons.person(rng), persons.person(rng)
    bodies = (*prose.LETTERS, *_ENGLISH, *(prose.INNOCENT[name] for name in _QUIET))
    hours = rng.randint(0, 24 * 600)
    return Letter(
        name=f"{sender.first} {sender.last}",
        sender=f"service.{rng.randint(1, 99)}@chu.example",
        to_name=f"{receiver.last} {receiver.first}",
        to=f"contact{rng.randint(1, 99)}@mail.example",
        subject=rng.choice(_SUBJECTS),
        text=rng.choice(bodies) + f"{sender.first} {sender.last}\n",
        when=datetime(2025, 3, 3, 9, 12, 45, tzinfo=rng.choice(_PARIS)) + timedelta(hours=hours),
    )


def cp1252(text: str) -> str:
    """What of a text that character set has."""
    return text.encode("cp1252", "ignore").decode("cp1252")


def latin1(text: str) -> str:
    """The same as a client of that character set writes it."""
    for character, instead in (("’", "'"), ("–", "-"), ("œ", "oe"), ("€", "EUR")):
        text = text.replace(character, instead)
    return text.encode("latin-1", "ignore").decode("latin-1")


@cache
def logo() -> bytes:
    """A small picture of a signature."""
    out = io.BytesIO()
    Image.new("RGB", (96, 40), (0, 70, 140)).save(out, "PNG")
    return out.getvalue()


@cache
def photograph() -> bytes:
    """A larger one, with no word on it."""
    return scans.saved(scans.landscape(320, 240), "JPEG")


@cache
def pdf() -> bytes:
    return documents.pdf("Ordre du jour\n1. Budget\n2. Locaux\n3. Divers", title="Ordre du jour")


@cache
def scan() -> bytes:
    """A sheet of paper: the picture of two lines, and no text."""
    sheet = Image.new("L", (700, 160), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(32)
    pen.text((30, 30), "Bon de livraison numéro 12", font=font)
    pen.text((30, 90), "Deux colis, quai de déchargement", font=font)
    day = time.gmtime(0)  # else the file would bear that of the run
    return scans.saved(sheet, "PDF", resolution=150, creationDate=day, modDate=day)


@cache
def signature(signed: bytes) -> bytes:
    """Detached, as DER. Of a key made once a run: the one thing here that no seed decides."""
    key = sealing.rsa_key("signature")
    certificate = x509.load_pem_x509_certificate(sealing.certificate("service.1@chu.example", key))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(signed)
    builder = builder.add_signer(certificate, key, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])


@cache
def docx() -> bytes:
    return documents.docx("Compte rendu de réunion\nPrésents : la direction, les achats.")


@cache
def xlsx() -> bytes:
    return documents.xlsx({"Planning": [["Semaine", "Salle"], [12, "B 104"], [13, "C 201"]]})
