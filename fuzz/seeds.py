"""What the fuzzer begins from: mails of every shape that the makers of the tests make."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.makers import documents, evasions, mails, ordinary, prose

LONGEST = 3_000  # bytes; the fuzzer grows them itself
VARIETY = 7  # one trick in so many: there are thousands, most of which are much alike
BODY = "Madame, Monsieur,\nné le 3 mai 2021, dossier à revoir.\nBien à vous,"

# The words of MIME, for mutations that stay close to it.
WORDS = (
    b"Content-Type|Content-Transfer-Encoding|Content-Disposition|MIME-Version|Subject|From|"
    b"multipart/mixed|multipart/digest|message/rfc822|message/partial|text/plain|text/html|"
    b"boundary=|charset=|name=|filename=|filename*0*=|name*=utf-8''|utf-8|iso-2022-jp|"
    b"base64|quoted-printable|x-uuencode|8bit|=?utf-8?B?|=?utf-8?Q?|?=|QUFB|==|=C3=A9|%C3|"
    b'\r\n|\r\n\r\n|\n\n|\r|\0|--|--\r\n|\r\n--|begin 644 a\n|\nend\n|: |;|"|(|)|\\|\t'
).split(b"|")


def texts() -> Iterator[bytes]:
    """Mails that a door reads itself."""
    for encoding in ("8bit", "base64", "quoted-printable"):
        yield mails.message(mails.text(BODY, encoding=encoding))
    yield mails.alternative(BODY, f"<p>{BODY}</p><table><tr><td>1<td>2</table>")
    yield mails.message(mails.text(BODY, charset="iso-8859-1"), {"Subject": "=?utf-8?Q?=C3=A9?="})
    yield mails.message(mails.html("<html><body><!-- x --><p style='a'>é&eacute;&#233;</p>"))
    yield mails.mixed(mails.text(BODY), mails.text("b"), **{"Content-Language": "fr"})
    yield b"Subject: x\n\nno MIME at all\n.\n"
    yield b"\n"


def files() -> Iterator[bytes]:
    """Mails with something in them."""
    inner = mails.alternative("a", "<p>a</p>")
    yield mails.mixed(mails.text(BODY), mails.attachment("à.csv", b"Nom;Date\r\nx;y\r\n"))
    yield mails.mixed(mails.text("b"), mails.attachment("a.zip", documents.zip_of({"a": b"b"})))
    yield mails.mixed(mails.text("b"), mails.attachment("a.png", documents.png(3, 3), "image/png"))
    yield mails.forwarded(inner)
    yield mails.forwarded(mails.forwarded(inner))
    yield mails.message(mails.multipart("digest", b"\r\n" + inner, b"\r\n" + inner))
    yield mails.message(mails.entity("message/partial; id=x; number=1; total=2", b"x"))
    nested = mails.text("deep")
    for kind in ("mixed", "related", "signed", "alternative", "mixed"):
        nested = mails.multipart(kind, nested, mails.text("b"))
    yield mails.message(nested)
    yield mails.message(mails.text("a\nbegin 644 a.txt\n#86)C\n`\nend\nb"))
    yield mails.mixed(
        mails.entity(
            "text/plain; name*0*=utf-8''%C3; name*1*=%A9.txt; name=b.txt",
            b"QUFBQQ==\r\nQUFB\r\n",
            headers={"Content-Transfer-Encoding": "base64"},
        )
    )


def letters(count: int = 6) -> Iterator[bytes]:
    """Some correspondence, so that there is something to find."""
    rng = Random(1)
    for _ in range(count):
        yield mails.message(mails.text(prose.mixture(rng, 400, share=0.5)))


def usual() -> Iterator[bytes]:
    """As real clients write them."""
    for shape in ordinary.shapes().values():
        if len(mail := shape(Random(1))) <= LONGEST:
            yield mail


def tricks() -> Iterator[bytes]:
    """As those write them who have something to hide; `evasions.setting.NIR` in each."""
    for case in evasions.cases()[::VARIETY]:
        if len(case.content) <= LONGEST:
            yield case.content
