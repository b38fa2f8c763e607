"""Laws of reading, whatever the message: it never raises, it ends, nothing is passed in silence."""

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import inspection
from gateway.model import Coverage, Limits, Trouble
from gateway.parse.message import parse
from tests.makers import documents as made
from tests.makers import mails

NIR = "2 79 03 51 999 151 89"
SMALL = Limits(depth=4, parts=60, bytes=4 << 20, member=1 << 20)

# The words MIME is made of, separated by bars.
WORDS = (
    "Content-Type: |multipart/mixed; |message/rfc822|text/html; |boundary=|b|--b|--b--|--|;|*0=|*=|"
    "Content-Transfer-Encoding: |base64|quoted-printable|x-uuencode|QUFB|==|begin 644 a\n|end\n|"
    '=?utf-8?B?|=?|?=|Subject: |filename|name=|"|(|)|\\|\r\n|\r\n\r\n|\n\n|\r|\0| '
)
PIECES = st.sampled_from(WORDS.encode().split(b"|"))
MAILS = st.lists(PIECES, max_size=60).map(b"".join)


@cache
def samples():
    """One file of each format, small."""
    return {
        "pdf": made.pdf(NIR),
        "form": made.pdf_form(NIR),
        "docx": made.split_runs(NIR),
        "xlsx": made.xlsx({"A": [["Nom", "NIR"], ["x", NIR]]}),
        "pptx": made.pptx(NIR),
        "odt": made.odt(NIR),
        "zip": made.zip_of({"a.txt": NIR.encode(), "b.zip": made.zip_of({"c.txt": b"x"})}),
        "tar": made.tar({"a.txt": NIR.encode()}),
        "gzip": made.gzip(NIR.encode()),
        "png": made.png(120, 120),
        "html": f"<html><p>{NIR}</p>".encode(),
        "csv": f"Nom;NIR\nA;{NIR}\n".encode(),
        "mail": mails.mixed(mails.text(NIR), mails.attachment("a.pdf", made.pdf(NIR))),
    }


def honest(reading):
    """Every part has a coverage; what is not whole has a problem."""
    assert reading.parts
    if any(part.coverage is not Coverage.WHOLE for part in reading.parts):
        assert reading.problems


@given(MAILS)
def test_parsing_never_raises_whatever_the_message(mail):
    parse(mail, SMALL)


@settings(deadline=None)  # the first one loads the lexicons
@given(MAILS)
def test_a_message_made_of_mime_always_ends_with_an_honest_coverage(mail):
    honest(inspection.read(mail, SMALL))


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_so_does_one_made_of_noise(noise):
    honest(inspection.read(noise, SMALL))
    honest(inspection.read_file("x", noise, SMALL))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
@given(st.data())
def test_a_damaged_file_of_any_format_ends_with_an_honest_coverage(data):
    name = data.draw(st.sampled_from(sorted(samples())))
    whole = bytearray(samples()[name])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
    honest(inspection.read_file("x", bytes(whole[:cut]), SMALL))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["zip", "docx", "xlsx", "gzip"]), st.floats(0.3, 0.95))
def test_a_truncated_container_is_never_read_whole(name, share):
    data = samples()[name]
    reading = inspection.read_file("x", data[: int(len(data) * share)], SMALL)
    assert reading.problems
    assert Coverage.worst(part.coverage for part in reading.parts) is not Coverage.WHOLE


@settings(deadline=None, max_examples=40)
@given(
    st.from_regex(r"[12] [0-9]{2} (0[1-9]|1[0-2]) [0-9]{2} 999 [0-9]{3} [0-9]{2}", fullmatch=True),
    st.sampled_from(["pdf", "docx", "xlsx", "csv", "html", "zip", "mail"]),
    st.sampled_from(["7bit", "base64", "quoted-printable"]),
)
def test_a_number_put_into_any_format_is_in_the_extracted_text(number, form, encoding):
    data = {
        "pdf": lambda: made.pdf(number),
        "docx": lambda: made.split_runs(number[:7], number[7:]),
        "xlsx": lambda: made.xlsx({"A": [[number]]}),
        "csv": lambda: f"a;b\n1;{number}\n".encode(),
        "html": lambda: f"<p>{number[:9]}<b>{number[9:]}</b>".encode(),
        "zip": lambda: made.zip_of({"a": made.gzip(number.encode())}),
        "mail": lambda: mails.message(mails.text(number, encoding=encoding)),
    }[form]()
    shown = "\n".join(part.text for part in inspection.extracts("f", data, Limits()))
    assert number in shown


@given(MAILS)
def test_normal_readings_bear_no_problem_and_doubtful_ones_are_told(mail):
    """A second reading is never made without saying so."""
    parsed = parse(mail, SMALL)
    paths = [part.path for part in parsed.parts if "!" not in part.path]  # not those in a text
    if len(set(paths)) < len(paths):
        assert {Trouble.AMBIGUOUS, Trouble.TOO_MANY} & {p.kind for p in parsed.problems}
