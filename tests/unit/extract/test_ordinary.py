"""What offices attach every day is read whole and has no problem: nothing of it may be held."""

import pytest

from gateway import inspection
from gateway.model import Coverage, Limits
from tests.makers import archives as made
from tests.makers import documents, mails, sealing

OFFICE = {
    "lettre.docx": documents.docx("Veuillez trouver le compte rendu de la réunion."),
    "budget.xlsx": documents.xlsx({"2026": [["Poste", "Montant"], ["Papier", 120]]}),
    "note.pdf": documents.pdf("Note de service", "Annexe"),
}
FACE = f"PHOTO;ENCODING=b;TYPE=PNG:{made.inline(documents.png(96, 96))}"

USUAL = {
    "a calendar invitation": (
        "invite.ics",
        made.invitation("SUMMARY:Réunion", "X-ALT-DESC;FMTTYPE=text/html:<p>Salle 2</p>"),
    ),
    "a card with a face": ("carte.vcf", made.vcard("TEL:0100000000", FACE)),
    "a signature": ("smime.p7s", made.signed(b"Bonjour", detached=True)),
    "a certificate list": ("certificats.p7b", made.signed(b"", detached=True)),
    "a signed PDF": ("facture.pdf.p7m", made.signed(OFFICE["note.pdf"])),
    "a zip of office files": ("dossier.zip", documents.zip_of(OFFICE)),
    "a stored zip of office files": ("dossier.zip", documents.zip_of(OFFICE, method=0)),
    "a tar of office files": ("dossier.tar", documents.tar(OFFICE)),
    "a tar.gz of office files": ("dossier.tar.gz", documents.gzip(documents.tar(OFFICE))),
    "a mail": ("m.eml", mails.message(mails.text("Bonjour", encoding="8bit"))),
    "a mailbox": ("m.mbox", made.mbox(mails.message(mails.text("Bonjour", encoding="8bit")))),
    "a zip with folders": ("a.zip", documents.zip_of({"a/": b"", "a/b/": b"", "a/b/c.txt": b"x"})),
}


@pytest.mark.parametrize("name", USUAL)
def test_an_ordinary_attachment_is_read_whole(name):
    mail = sealing.message(text="Bonjour,\r\nvoir la pièce jointe.\r\n", files=(USUAL[name],))
    reading = inspection.read(mail, Limits())
    assert reading.problems == ()
    assert {part.coverage for part in reading.parts} == {Coverage.WHOLE}
