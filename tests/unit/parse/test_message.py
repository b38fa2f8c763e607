"""What a message is made of, in every plausible reading."""

import os
import pathlib

import pytest

from gateway.model import Limits, Medium, Trouble
from gateway.parse.message import parse
from tests.makers import mails

NIR = "2 79 03 51 999 151 89"


def kinds(parsed):
    return {problem.kind for problem in parsed.problems}


def all_of(parsed):
    """Everything that would be searched, as one string."""
    parts = [part.data.decode("utf-8", "replace") for part in parsed.parts]
    return "\n".join([*parts, *(text.text for text in parsed.texts)])


def lines(*fields):
    return "\r\n".join(fields).encode()


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_a_plain_mail_has_one_part_whatever_its_encoding(encoding):
    parsed = parse(mails.message(mails.text(NIR, encoding=encoding)))
    [part] = parsed.parts
    assert (part.path, part.data.strip(), part.body) == ("1", NIR.encode(), True)
    assert (part.declared, part.charset) == ("text/plain", "utf-8")
    assert parsed.problems == ()


def test_parts_are_numbered_as_imap_numbers_them():
    inner = mails.mixed(mails.text("dedans"), mails.attachment("a.bin", b"\x00"))
    outer = mails.mixed(
        mails.multipart("alternative", mails.text("clair"), mails.html("<p>riche")),
        mails.entity("message/rfc822", inner),
        mails.entity("message/rfc822", mails.message(mails.text("seul"))),
    )
    assert [part.path for part in parse(outer).parts] == ["1.1", "1.2", "2.1", "2.2", "3.1"]


def test_header_fields_are_read_decoded_and_placed():
    encoded = "=?iso-8859-1?Q?Dossier_de_Zo=E9?= =?utf-8?B?IE1hcnRpbg==?="
    parsed = parse(mails.message(mails.text("x"), {"Subject": encoded, "X-Note": NIR}))
    by_place = {str(text.place): text for text in parsed.texts}
    assert by_place["header Subject"].text == "Dossier de Zoé Martin"
    assert NIR in by_place["header fields"].text
    assert {text.medium for text in parsed.texts} == {Medium.HEADER}


def test_a_forwarded_mail_is_read_also_when_it_is_itself_encoded():
    inner = mails.message(mails.text(NIR), {"Subject": "Transfert"})
    parsed = parse(mails.mixed(mails.entity("message/rfc822", inner, "base64")))
    assert [part.path for part in parsed.parts] == ["1.1"]
    assert "Transfert" in [text.text for text in parsed.texts]


def test_what_claims_to_be_a_mail_and_is_not_stays_a_part():
    parsed = parse(mails.mixed(mails.entity("message/rfc822", b"%PDF-1.7 ...", "base64")))
    [part] = parsed.parts
    assert part.data == b"%PDF-1.7 ..."


def test_preamble_and_epilogue_are_read():
    piece = mails.multipart("mixed", mails.text("x"), boundary="b")
    head, body = piece.split(b"\r\n\r\n", 1)
    mail = mails.message(head + b"\r\n\r\navant " + NIR.encode() + b"\r\n" + body + b"apres\r\n")
    parsed = parse(mail)
    insides = {text.place.inside: text.text for text in parsed.texts}
    assert NIR in insides["preamble"]
    assert insides["epilogue"] == "apres"
    assert parsed.problems == ()


def test_every_name_of_a_part_counts():
    head = {
        "Content-Disposition": "attachment; filename=a.png; filename*1=zip; filename*0=f.",
    }
    parsed = parse(mails.message(mails.entity('image/png; name="c.pdf"', b"x", headers=head)))
    assert parsed.parts[0].names == ("a.png", "f.zip", "c.pdf")
    assert {t.text for t in parsed.texts if t.medium is Medium.NAME} == {"a.png", "f.zip", "c.pdf"}


# evasions: (header lines and body of a message, why programs differ, what must be seen)
B64 = "TklSIDIgNzkgMDMgNTE="
AMBIGUOUS = {
    "two transfer encodings": lines(
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Transfer-Encoding: base64",
        "",
        B64,
    ),
    "a list of transfer encodings": lines(
        "Content-Transfer-Encoding: base64, quoted-printable", "", B64
    ),
    "an invalid transfer encoding": lines("Content-Transfer-Encoding: base645", "", B64),
    "a comment in the transfer encoding": lines("Content-Transfer-Encoding: ba(x)se64", "", B64),
    "an encoded word as transfer encoding": lines(
        "Content-Transfer-Encoding: =?utf-8?q?base64?=", "", B64
    ),
    "a NUL in a MIME field": lines("Content-Transfer-Encoding\0: base64", "", B64),
    "two content types": lines(
        "Content-Type: multipart/mixed; boundary=bar",
        "Content-Type: multipart/mixed; boundary=foo",
        *("", "--foo", "", "NIR 2 79 03 51", "--foo--"),
    ),
    "two boundaries": lines(
        "Content-Type: multipart/mixed; boundary=bar; boundary=foo",
        *("", "--foo", "Content-Transfer-Encoding: base64", "", B64, "--foo--"),
    ),
    "a comment in the boundary": lines(
        "Content-Type: multipart/mixed; boundary=(boundary=foo)bar",
        *("", "--bar", "Content-Transfer-Encoding: base64", "", B64, "--bar--"),
    ),
    "a boundary in the wrong field": lines(
        "Content-Type: multipart/mixed",
        "Content-Disposition: attachment; boundary=foo",
        *("", "--foo", "Content-Transfer-Encoding: base64", "", B64, "--foo--"),
    ),
    "a comment in the name of a field": lines(
        "Content-Type(meow): multipart/mixed; boundary=foo",
        *("", "--foo", "Content-Transfer-Encoding: base64", "", B64, "--foo--"),
    ),
    "a misspelt multipart": lines(
        "Content-Type: x-multipart/mixed; boundary=foo",
        *("", "--foo", "Content-Transfer-Encoding: base64", "", B64, "--foo--"),
    ),
    "a multipart with another boundary than it says": lines(
        "Content-Type: multipart/mixed; boundary=none",
        *("", "--foo", "Content-Transfer-Encoding: base64", "", B64, "--foo--"),
    ),
    "an encoded multipart": lines(
        "Content-Type: multipart/mixed; boundary=f",
        "Content-Transfer-Encoding: base64",
        "",
        "LS1mDQoNCk5JUiAyIDc5IDAzIDUxDQotLWYtLQ0K",
    ),
    "a multipart without parts": lines(
        "Content-Type: multipart/mixed; boundary=f",
        *("", "NIR 2 79 03 51"),
    ),
    "a multipart without parts, encoded": lines(
        "Content-Type: multipart/mixed; boundary=f",
        *("Content-Transfer-Encoding: base64", "", B64),
    ),
    "a bare CR between header fields": b"X: y\rContent-Transfer-Encoding: base64\r\r"
    b"TklSIDIgNzkgMDMgNTE=",
    "base64 that goes on after its padding": lines(
        "Content-Transfer-Encoding: base64", "", "QUFBQQ==", B64
    ),
    "base64 with junk": lines(
        "Content-Transfer-Encoding: base64", "", "!" + B64[:6] + "%" + B64[6:]
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_programs_read_differently_is_read_in_each_way_and_told(name):
    parsed = parse(b"From: a@b.example\r\n" + AMBIGUOUS[name])
    assert "NIR 2 79 03 51" in all_of(parsed), name
    assert Trouble.AMBIGUOUS in kinds(parsed), name


def test_a_multipart_without_parts_is_read_decoded_and_as_it_stands():
    fields = ("Content-Type: multipart/mixed", "Content-Transfer-Encoding: quoted-printable")
    data = {part.data for part in parse(lines(*fields, "", "=2790351 =4EIR")).parts}
    assert {b"=2790351 =4EIR", b"'90351 NIR"} <= data


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (lines("Content-Transfer-Encoding: 8-BIT", "", "x"), "a slip that all programs forgive"),
        (lines("Content-Type: text/plain", "Content-Type: text/plain", "", "x"), "twice the same"),
        (lines('Content-Type: multipart/mixed; boundary="a(b"', "", "--a(b", "", "x"), "quoted"),
        (lines("Content-Type: multipart/mixed; boundary=b", "", "--b", "", "x"), "not closed"),
        (lines("Content-Type: multipart/mixed; boundary=b", "", "--b--", ""), "no part at all"),
        (lines("Content-Type: multipart/mixed; boundary=b", "", ""), "a header that was returned"),
        (lines("Subject: \x1b$B%F%9%H\x1b(B", "", "x"), "ISO-2022-JP is made of escapes"),
        (lines("From x Mon Nov 23 10:00:00 2026", "Subject: y", "", "z"), "from an mbox"),
        (lines("Content-Transfer-Encoding: base64", "", "QUFB", "", ""), "lines at the end"),
    ],
)
def test_normal_mail_is_not_ambiguous(mail, why):
    assert parse(mail).problems == (), why


def test_uuencoded_files_in_a_text_become_parts():
    body = "Voici\r\nbegin 644 liste.csv\r\n#3DE2\r\n`\r\nend\r\nfin\r\n"
    parsed = parse(mails.message(mails.text(body.replace("\r\n", "\n"))))
    assert [part.path for part in parsed.parts] == ["1", "1!liste.csv"]
    assert parsed.parts[1].data == b"NIR"


def test_a_stray_nul_does_not_hide_a_file_in_a_text():
    """What programs show as a text is one for us, too: `extract` reads it without a problem."""
    body = b"Voici\0\r\n" + b"une ligne de plus\r\n" * 20 + b"begin 644 a\r\n#3DE2\r\n`\r\nend\r\n"
    assert [part.data for part in parse(b"Subject: x\r\n\r\n" + body).parts][1:] == [b"NIR"]


def test_a_field_of_base64_is_read_and_tokens_of_a_header_are_not():
    fields = {"X-Data": "TklSIDIgNzkgMDMgNTEgOTk5IDE1MQ==", "X-Id": "gAoVDNNPqBTZWjkBihaIi003Qx"}
    parsed = parse(mails.message(mails.text("x"), fields))
    assert "NIR 2 79 03 51 999 151" in [text.text for text in parsed.texts]
    assert (len(parsed.texts), len(parsed.parts), parsed.problems) == (5, 1, ())


def test_a_mail_quoted_in_a_text_is_read_without_a_doubt():
    quoted = b"Retour :\r\n\r\n--x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + B64.encode()
    parsed = parse(mails.message(mails.entity("text/plain", quoted + b"\r\n--x--\r\n")))
    assert [part.path for part in parsed.parts] == ["1", "1!part"]
    assert parsed.parts[1].data == b"NIR 2 79 03 51"
    assert parsed.problems == ()


@pytest.mark.parametrize("media", ["message/partial; id=1; number=1", "message/external-body"])
def test_what_is_not_all_here_is_told(media):
    assert kinds(parse(mails.message(mails.entity(media, b"x")))) == {Trouble.UNSUPPORTED}


def test_too_many_parts_are_told():
    mail = mails.mixed(*[mails.text("x")] * 30)
    assert Trouble.TOO_MANY in kinds(parse(mail, Limits(parts=10)))


def test_too_many_levels_are_told():
    piece = mails.text("x")
    for _ in range(60):
        piece = mails.multipart("mixed", piece)
    assert kinds(parse(mails.message(piece))) == {Trouble.TOO_DEEP}
    for _ in range(40):
        piece = mails.entity("message/rfc822", mails.message(piece))
    assert kinds(parse(mails.message(piece))) == {Trouble.TOO_DEEP}


def test_too_many_bytes_are_told():
    mail = mails.mixed(*[mails.attachment("a", b"x" * 1000)] * 5)
    assert Trouble.TOO_BIG in kinds(parse(mail, Limits(bytes=2000)))


def test_a_subject_of_a_megabyte_is_cut_and_told():
    """The standard library needs 8 s for this one, and mail programs show its beginning."""
    words = " ".join(["=?utf-8?B?w6k=?="] * 60_000)
    parsed = parse(mails.message(mails.text("x"), {"Subject": words}))
    assert kinds(parsed) == {Trouble.TOO_BIG}
    assert [t.text[:3] for t in parsed.texts if t.place.inside == "header Subject"] == ["ééé"]


@pytest.mark.parametrize(
    "hostile",
    [
        b"=?a?b?x" * 20_000,
        b"Content-Type: text/plain" + b"; a=b" * 200_000,
        b'Content-Type: text/plain; name="' + b"\\" * 90_000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"\r\n--a\r\n" * 100_000,
        b"Content-Type: multipart/mixed\r\n\r\n" + b"--" * 500_000,
        b"Subject: x\r\n\r\n" + b"begin 644 a\r\n" * 50_000,
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"Q=" * 400_000,
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"= =\t" * 200_000,
        b"a:b\r\n" * 100_000,
        b"\r" * 300_000,
    ],
)
@pytest.mark.timeout(20)
def test_hostile_mail_costs_no_more_than_its_size(hostile):
    assert parse(hostile).parts is not None


def corpora():
    root = pathlib.Path(__file__).parents[3]
    folder = pathlib.Path(os.environ.get("VAGUEMESTRE_CORPORA", root.parent / "shared" / "corpora"))
    return folder / "mime"


@pytest.mark.skipif(not corpora().is_dir(), reason="no corpora: set VAGUEMESTRE_CORPORA")
def test_public_test_mails_are_all_read(capsys):
    files = [p for p in corpora().rglob("*") if p.suffix in (".eml", ".raw", ".txt", ".msg")]
    ambiguous = sum(Trouble.AMBIGUOUS in kinds(parse(p.read_bytes())) for p in files)
    with capsys.disabled():
        print(f"\n{ambiguous} of {len(files)} public test mails are ambiguous")
    assert ambiguous < len(files) / 8  # a third of the collections is malformed on purpose
