"""What a person sees of a mail, for the page of an encrypted PDF."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import contents
from tests.makers import sealing


def entity(*head, body):
    return "\r\n".join((*head, "", body)).encode()


def multipart(kind, *children):
    parts = b"".join(b"--cut\r\n" + child + b"\r\n" for child in children)
    return (
        f'Content-Type: multipart/{kind}; boundary="cut"\r\n\r\n'.encode() + parts + b"--cut--\r\n"
    )


PLAIN = entity("Content-Type: text/plain", body="en clair")
HTML = entity("Content-Type: text/html", body="<p>en <b>page</b></p>")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (entity(body="tout simple"), "tout simple"),
        (PLAIN, "en clair"),
        (HTML, "en page"),
        (multipart("alternative", PLAIN, HTML), "en clair"),
        (multipart("alternative", HTML), "en page"),
        (multipart("mixed", PLAIN, HTML), "en clair\n\nen page"),
        (entity("Content-Transfer-Encoding: base64", body="w6k="), "é"),
        (entity("Content-Transfer-Encoding: quoted-printable", body="=C3=A9=\r\nt=C3=A9"), "été"),
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n\xe9t\xe9", "été"),
        (b"Content-Type: text/plain; charset=unknown\r\n\r\n\xe9t\xe9", "été"),
        (b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xe9t\xe9", "été"),
    ],
)
def test_the_text(content, text):
    assert contents.read(content).text == text


def test_a_file_comes_out_byte_for_byte_under_its_name():
    data = bytes(range(256)) * 100
    found = contents.read(sealing.message(files=(("r%C3%A9sultats.pdf", data), ("b.txt", b"b"))))
    assert [(file.name, file.data) for file in found.files] == [
        ("résultats.pdf", data),
        ("b.txt", b"b"),
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\tb.pdf", "a b.pdf"),
        ("a\x7fb.pdf", "a_b.pdf"),
        ("c:\\x.pdf", "c__x.pdf"),
        ("...", "piece.bin"),
        ("message.eml", "message (2).eml"),  # the name of the whole original
        ("MESSAGE.EML", "MESSAGE (2).EML"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
        ("=?utf-8?q?=C3=A9t=C3=A9=2Epdf?=", "été.pdf"),
    ],
)
def test_a_file_name_is_no_path(written, name):
    quoted = written.replace("\\", "\\\\")
    content = entity(
        "Content-Type: application/pdf",
        f'Content-Disposition: attachment; filename="{quoted}"',
        body="x",
    )
    assert [file.name for file in contents.read(content).files] == [name]


def test_two_files_of_one_name_are_both_kept():
    found = contents.read(sealing.message(files=(("a.pdf", b"1"), ("a.pdf", b"2"))))
    assert [(file.name, file.data) for file in found.files] == [
        ("a.pdf", b"1"),
        ("a (2).pdf", b"2"),
    ]


def test_a_mail_within_is_a_file():
    inner = entity("Content-Type: message/rfc822", body="Subject: x\r\n\r\ny")
    found = contents.read(multipart("mixed", PLAIN, inner))
    assert [(file.name, file.data) for file in found.files] == [
        ("piece.eml", b"Subject: x\r\n\r\ny")
    ]


def test_a_boundary_that_begins_like_another_cuts_nothing():
    content = multipart("mixed", entity(body="un\r\n--cutter\r\ndeux"))
    assert contents.read(content).text == "un\r\n--cutter\r\ndeux"


def test_depth_and_number_have_an_end():
    deep = PLAIN
    for _ in range(200):
        deep = multipart("mixed", deep)
    assert contents.read(deep).whole
    many = contents.read(multipart("mixed", *[PLAIN] * 2000))
    assert not many.whole


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a<br>b", "a\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<td>1</td><td>2</td>", "1 2"),
        ("un <b>mot</b>, deux", "un mot, deux"),
        ("l&eacute;ger &amp; &#233;", "léger & é"),
        ("a<!-- > b -->c", "ac"),
        ("a<style>b{}</style>c<script>d</script>e", "ace"),
        ("İ<STYLE>b</Style>c", "İc"),
        ("a<style>b", "a"),
        ("a<b", "a"),
        ("a<!--b", "a"),
        ("", ""),
        ("a < b", "a"),
    ],
)
def test_html_as_text(markup, text):
    assert contents.as_text(markup) == text


MARKUP = st.lists(
    st.sampled_from(
        ["<", ">", "<!--", "-->", "<style>", "</style>", "<p>", "&", ";", "a", " ", "\n"]
    )
)


@settings(deadline=None)
@given(MARKUP.map("".join))
def test_any_markup_is_read(markup):
    assert "<style>" not in contents.as_text(markup) or "&" in markup


PIECES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: multipart/mixed; boundary=cut",
            b"Content-Type: text/html; charset=",
            b"Content-Transfer-Encoding: base64",
            b"Content-Disposition: attachment; filename*0*=utf-8''%",
            b"\r\n",
            b"\r\n\r\n",
            b"--cut",
            b"--cut--",
            b"w6k=",
            b"=?utf-8?b?w?=",
            b"\xff",
        ]
    ),
    max_size=40,
).map(b"".join)


@settings(deadline=None)
@given(PIECES)
def test_any_mail_is_read(content):
    contents.read(content)


def test_a_long_field_is_no_field():
    long = b"Content-Type: text/html;" + b";" * 200_000 + b"\r\n\r\n<p>x"
    assert contents.read(long).text == "<p>x"  # taken for plain text


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_come_out_of_base64(data):
    coded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    content = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded
    assert contents.read(content).files[0].data == data


_TRIPS = ("idna''%ff", "undefined''x", "a%00b''x", "utf-7''+2AA-", "unicode_escape''%5cud800")


@pytest.mark.parametrize("value", _TRIPS)
def test_parameters_that_the_library_trips_over_are_none(value):
    fields = f"filename*={value}\r\nContent-Type: text/plain; name*={value}; charset*={value}"
    part = f"Content-Disposition: attachment; {fields}\r\n\r\nbonjour\r\n".encode()
    [file] = contents.read(part).files
    assert file.data == b"bonjour\r\n"
    multipart = f"Content-Type: multipart/mixed; boundary*={value}\r\n\r\n--x\r\n\r\nhello"
    contents.read(multipart.encode())


def test_pieces_of_a_parameter_of_two_kinds_are_none():
    head = b"Content-Type: text/plain; name*0=a; name*1*=b; name=c; name*=''d"
    contents.read(head + b"\r\n\r\nbonjour")
