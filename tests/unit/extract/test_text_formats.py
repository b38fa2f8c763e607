"""Mailboxes, cards and calendars: texts with folds, encodings and files inside."""

import io
import quopri

import pytest
from PIL import Image

from gateway import inspection
from gateway.extract.kind import kinds
from gateway.model import Coverage, Limits, Part, Trouble
from tests.makers import archives as made
from tests.makers import documents, mails

NIR = "2 79 03 51 999 151 81"
MAIL = mails.message(mails.text(NIR, encoding="base64"))
OTHER = mails.message(mails.text("Rien", encoding="8bit"))
QUOTED = quopri.encodestring(f"né à {NIR}".encode()).decode()

READ = {
    "mbox": made.mbox(OTHER, MAIL),
    "mbox of one": made.mbox(MAIL),
    "mbox in a zip": documents.zip_of({"inbox": made.mbox(OTHER, OTHER, MAIL)}),
    "vCard, note": made.vcard(f"NOTE:{NIR}"),
    "vCard, folded in the number": made.vcard(made.folded(f"NOTE:suivi {NIR}", 12)),
    "vCard, any property": made.vcard(f"X-DOSSIER;TYPE=x:{NIR}"),
    "vCard, grouped": made.vcard(f"item1.NOTE:{NIR}"),
    "vCard 2.1": made.vcard(f"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:{QUOTED}"),
    "vCard 2.1, bare word": made.vcard(f"NOTE;QUOTED-PRINTABLE:{QUOTED}"),
    "vCard 2.1, soft breaks": made.vcard(
        f"NOTE;ENCODING=QUOTED-PRINTABLE:{NIR[:5]}=\r\n{NIR[5:]}"
    ),
    "vCard, a file inlined": made.vcard(f"KEY;ENCODING=b:{made.inline(documents.docx(NIR))}"),
    "vCard, data URL": made.vcard(f"SOUND:data:text/plain;base64,{made.inline(NIR.encode())}"),
    "vCard, base64 with padding within": made.vcard(
        f"KEY;ENCODING=b:{made.inline(b'xxxx')}{made.inline(NIR.encode())}"
    ),
    "calendar, description": made.invitation(f"DESCRIPTION:Patient\\n{NIR}"),
    "calendar, folded": made.invitation(made.folded(f"DESCRIPTION:Patient {NIR}", 9)),
    "calendar, HTML": made.invitation(f"X-ALT-DESC;FMTTYPE=text/html:<p>{NIR[:4]}<b>{NIR[4:]}</b>"),
    "calendar, attached": made.invitation(
        "ATTACH;FMTTYPE=application/pdf;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.pdf:"
        f"{made.inline(documents.pdf(NIR))}"
    ),
    "calendar, an attendee": made.invitation(f'ATTENDEE;CN="x: {NIR}":mailto:a@b.example'),
}  # fmt: skip


def extracted(data):
    return list(inspection.extracts("f", data, Limits()))


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


@pytest.mark.parametrize("name", READ)
def test_a_number_is_read_wherever_it_stands(name):
    parts = extracted(READ[name])
    assert NIR in "\n".join(part.text for part in parts)
    assert troubles(parts) == set()
    assert {part.coverage for part in parts} == {Coverage.WHOLE}


def test_an_invitation_and_a_card_with_a_face_pass_as_read():
    card = made.vcard(f"PHOTO;ENCODING=b;TYPE=PNG:{made.inline(documents.png(96, 96))}")
    for data in (made.invitation("SUMMARY:R\u00e9union"), card):
        (part,) = extracted(data)
        assert (part.problems, part.coverage) == ((), Coverage.WHOLE)


def blank(width, height):
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return out.getvalue()


def test_a_large_picture_in_a_card_is_a_picture_like_any_other():
    card = made.vcard(f"PHOTO;ENCODING=b:{made.inline(blank(500, 300))}")
    assert [part.kind for part in extracted(card)] == ["vcard", "image"]


def test_the_names_of_what_a_calendar_carries():
    data = made.invitation(f"ATTACH;ENCODING=BASE64;X-FILENAME=bilan.txt:{made.inline(b'x')}")
    assert [part.name for part in extracted(data)] == ["f", "bilan.txt"]


def test_a_line_of_a_letter_that_begins_with_from_cuts_no_message():
    letter = mails.message(mails.text("Bonjour\r\n\r\nFrom here on: rien\r\n", encoding="8bit"))
    assert [part.kind for part in extracted(made.mbox(letter, MAIL))].count("message") == 2


def test_too_many_messages_are_told():
    many = list(inspection.extracts("f", made.mbox(*[OTHER] * 30), Limits(parts=10)))
    assert Trouble.TOO_MANY in troubles(many)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (made.mbox(MAIL), "mbox"),
        (made.vcard(), "vcard"),
        (b"begin:vcard\nfn:x\nend:vcard\n", "vcard"),
        (made.invitation(), "calendar"),
        (b"From here to there, a text\n", "text"),
    ],
)
def test_the_kind_is_told_by_the_first_line(data, kind):
    assert kinds(Part("1", data)) == (kind,)


def test_hostile_cards_cost_no_more_than_their_size():
    """Lines, folds, quotation marks and colons by the hundred thousand: none goes over another."""
    for piece in (b";", b":", b'"', b"\n ", b"=\n", b"NOTE;ENCODING=QUOTED-PRINTABLE:x=\n"):
        extracted(b"BEGIN:VCARD\n" + piece * 100_000)
