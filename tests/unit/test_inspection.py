"""From bytes to findings: the door's path, the worker's, and what is kept of a value."""

import dataclasses
import sys

import pytest

from gateway import inspection
from gateway.detect import search
from gateway.extract import extractor
from gateway.model import (
    Coverage,
    Hit,
    Likelihood,
    Limits,
    Place,
    Problem,
    Reading,
    Text,
    Trouble,
)
from tests.makers import documents as made
from tests.makers import mails

LIMITS = Limits()
KEY = b"k" * 32


@pytest.fixture
def finds(monkeypatch):
    """A detector that finds the word SECRET, and what it was given to search."""
    searched = []

    def fake(pieces):
        searched.extend(pieces)
        texts = [piece for piece in pieces if isinstance(piece, Text)]
        found = [
            Hit("word", word, Likelihood.LIKELY, text.place)
            for text in texts
            for word in text.text.split()
            if word.startswith("SECRET")
        ]
        return found, []

    monkeypatch.setattr(search, "search", fake)
    monkeypatch.setattr(search, "masked", lambda kind, value: f"{value[0]}…")
    return searched


def places(reading):
    return {str(hit.place) for hit in reading.hits}


def test_a_mail_is_read_whole_in_one_search(finds):
    mail = mails.mixed(
        mails.text("SECRET"), mails.attachment("a.docx", made.docx("SECRET")), Subject="SECRET"
    )
    reading = inspection.read(mail, LIMITS)
    assert places(reading) == {"header Subject", "part 1", "part 2, document"}
    assert {part.coverage for part in reading.parts} == {Coverage.WHOLE}
    assert [str(part.place) for part in reading.parts] == ["message", "part 1", "part 2"]


def test_door_and_worker_read_a_plain_mail_alike(finds):
    for mail in (
        mails.message(mails.text("SECRET été", encoding="quoted-printable")),
        mails.alternative("SECRET", "<p>SECRET<b>E</b></p>"),
        mails.message(mails.text("")),
    ):
        assert inspection.simple(mail, LIMITS) == inspection.read(mail, LIMITS)


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        (mails.attachment("a.pdf", made.pdf("x")), "a document"),
        (mails.entity("text/plain", made.pdf("x")), "a document that lies about its type"),
        (mails.entity("text/plain", b"\x00\x01\x02abc"), "no text at all"),
        (mails.entity("text/csv", b"a;b\n1;2\n"), "a table"),
        (mails.html("<p>x</p>" * 9000), "much HTML"),
        (mails.html("<div>" * 201), "deep HTML"),
        (mails.text("x\n" * 140_000), "much text"),
        (mails.attachment("a.txt", b"x" * 600_000, "text/plain"), "a long message"),
        (mails.entity("message/rfc822", b"%PDF-1.7"), "not even a mail"),
    ],
)
def test_the_door_leaves_all_else_to_a_worker(finds, piece, why):
    assert inspection.simple(mails.mixed(mails.text("x"), piece), LIMITS) is None, why


def test_the_door_leaves_more_readings_than_parts_are_allowed_to_a_worker_who_counts_them(finds):
    doubtful = mails.entity("text/plain", b"U0VDUkVU", headers={"Content-Transfer-Encoding": "b64"})
    mail = mails.mixed(*[doubtful] * 3)
    whole = inspection.read(mail, LIMITS)
    assert inspection.simple(mail, LIMITS) == whole
    few = Limits(parts=len(whole.parts) - 2)
    assert inspection.simple(mail, few) is None
    assert Trouble.TOO_MANY in {problem.kind for problem in inspection.read(mail, few).problems}


def test_the_door_leaves_a_mail_made_to_be_read_in_many_ways_to_a_worker(finds):
    """It reads in the loop that serves everybody. Each of two types, at three levels."""
    both = b'Content-Type: multipart/mixed; boundary="%d"\r\nContent-Type: multipart/signed\r\n'
    opened = b"".join((both + b"\r\n--%d\r\n") % (n, n) for n in range(3))
    mail = opened + b"\r\nSECRET\r\n" + b"".join(b"--%d--\r\n" % n for n in (2, 1, 0))
    whole = inspection.read(mail, LIMITS)
    assert places(whole)
    assert Trouble.TOO_MANY not in {problem.kind for problem in whole.problems}
    assert inspection.simple(mail, LIMITS) is None


def test_the_door_reads_forwarded_plain_mail_itself(finds):
    mail = mails.forwarded(mails.message(mails.text("SECRET")))
    assert places(inspection.simple(mail, LIMITS)) == {"part 2.1"}


def test_the_door_needs_none_of_the_libraries_that_read_documents():
    code = (
        "import sys; from gateway import inspection; from gateway.model import Limits;"
        "assert inspection.simple(b'From: a\\r\\n\\r\\nx', Limits());"
        "print([m for m in ('lxml', 'pikepdf', 'pypdfium2', 'pdfminer', 'magic')"
        " if m in sys.modules])"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_failing_extractor_is_a_problem_and_what_it_gave_is_kept(finds, monkeypatch):
    def fails(part, limits):
        yield Text(Place(part.path), "SECRET", made_medium())
        raise KeyError("SECRET in an exception text")

    real = extractor.extractors()
    monkeypatch.setattr(inspection, "extractors", lambda: {**real, "pdf": fails})
    reading = inspection.read_file("a.pdf", made.pdf("x"), LIMITS)
    assert places(reading) == {"part 1"}
    [problem] = reading.problems
    assert (problem.kind, problem.place) == (Trouble.DAMAGED, Place("1"))
    assert "SECRET" not in problem.detail
    assert reading.parts[0].coverage is Coverage.PARTLY


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_what_takes_too_much_memory_is_too_big(finds, monkeypatch, error):
    def fails(part, limits):
        raise error
        yield

    monkeypatch.setattr(inspection, "extractors", lambda: {"pdf": fails})
    reading = inspection.read_file("a.pdf", made.pdf("x"), LIMITS)
    assert [problem.kind for problem in reading.problems] == [Trouble.TOO_BIG]
    assert reading.parts[0].coverage is Coverage.UNREAD


def made_medium():
    return inspection.Medium.DOCUMENT


def test_a_saved_mail_is_read_as_a_mail_and_a_file_as_its_own_part(finds):
    mail = mails.message(mails.text("SECRET"))
    assert places(inspection.read_file("m.eml", mail, LIMITS)) == {"part 1"}
    reading = inspection.read_file("a.txt", b"SECRET", LIMITS)
    assert [(str(p.place), p.kind) for p in reading.parts] == [("part 1", "text")]


def test_a_mail_within_an_archive_has_a_place_of_its_own(finds):
    inner = mails.mixed(
        mails.text("x"), mails.attachment("SECRET.zip", made.zip_of({"a": b"SECRET"}))
    )
    reading = inspection.read_file("z.zip", made.zip_of({"m.eml": inner}), LIMITS)
    assert "part 1!m.eml!2!a" in places(reading)


def test_names_of_files_are_searched_wherever_they_are(finds):
    inner = made.zip_of({"SECRET_2.txt": b"x"})
    reading = inspection.read(mails.mixed(mails.attachment("SECRET_1.zip", inner)), LIMITS)
    assert {hit.value for hit in reading.hits} == {"SECRET_1.zip", "SECRET_2.txt"}


def test_hits_beyond_the_limit_are_counted_and_told(finds):
    words = " ".join(f"SECRET{n}" for n in range(50))
    reading = inspection.read(mails.message(mails.text(words)), Limits(hits=10))
    assert len(reading.hits) == 10
    assert reading.more == (("word", 40),)
    assert [problem.kind for problem in reading.problems] == [Trouble.TOO_MANY]
    [finding] = inspection.conclude(reading, KEY).findings
    assert (finding.count, len(finding.fingerprints)) == (50, 10)


def test_one_value_found_twice_at_one_place_is_one_hit(finds):
    reading = inspection.read(mails.message(mails.text("SECRET SECRET")), LIMITS)
    assert len(reading.hits) == 1


def test_extracts_show_every_part_with_its_text():
    table = b"Nom;Ville\nTEST;Essai\nESSAI;Test\n"
    shown = list(
        inspection.extracts(
            "a.zip", made.zip_of({"t.csv": table, "i.png": made.png(300, 300)}), Limits(pictures=0)
        )
    )
    assert [(s.kind, s.name, s.coverage) for s in shown] == [
        ("zip", "a.zip", Coverage.WHOLE),
        ("csv", "t.csv", Coverage.WHOLE),
        ("image", "i.png", Coverage.UNREAD),
    ]
    assert "Nom\tVille\nTEST\tEssai" in shown[1].text
    assert [problem.kind for problem in shown[2].problems] == [Trouble.NO_TEXT]


HIT = Hit("word", "SECRET1", Likelihood.LIKELY, Place("1"))


def concluded(*hits):
    return inspection.conclude(Reading(hits=hits), KEY).findings


def test_values_are_masked_and_fingerprinted_with_the_key(finds):
    [finding] = concluded(HIT)
    assert "SECRET" not in repr(finding)
    assert (finding.count, finding.masked) == (1, "S…")
    [print_] = finding.fingerprints
    assert len(print_) == 16
    assert print_ == concluded(dataclasses.replace(HIT, place=Place("2")))[0].fingerprints[0]
    other = inspection.conclude(Reading(hits=(HIT,)), b"another key").findings[0]
    assert print_ not in other.fingerprints


def test_what_is_allowed_is_no_finding(finds):
    other = dataclasses.replace(HIT, value="SECRET2")
    allowed = {inspection.fingerprint(KEY, HIT.kind, HIT.value)}
    [finding] = inspection.conclude(Reading(hits=(HIT, other)), KEY, allowed).findings
    assert (finding.count, len(finding.fingerprints)) == (1, 1)
    assert inspection.conclude(Reading(hits=(HIT,)), KEY, allowed).findings == ()


@pytest.mark.parametrize(
    ("change", "groups"),
    [
        ({"value": "SECRET2"}, 1),
        ({"kind": "other"}, 2),
        ({"place": Place("2")}, 2),
        ({"likelihood": Likelihood.POSSIBLE}, 2),
        ({"near": ("person",)}, 2),
    ],
)
def test_findings_are_grouped_by_all_but_the_value(finds, change, groups):
    found = concluded(HIT, HIT, dataclasses.replace(HIT, **change))
    assert len(found) == groups
    assert sum(finding.count for finding in found) == 2


def test_problems_and_parts_are_handed_on(finds):
    problem = Problem(Trouble.ENCRYPTED, Place("1"))
    reading = inspection.read_file("z.zip", made.zip_locked({"a": b"x"}), LIMITS)
    seen = inspection.conclude(dataclasses.replace(reading, problems=(problem,)), KEY)
    assert seen.problems == (problem,)
    assert seen.coverage is Coverage.UNREAD


def test_a_part_of_unknown_kind_is_never_read_in_silence():
    assert inspection.read_file("x", bytes(range(256)) * 9, LIMITS).problems


ARCHIVE = made.zip_of({"a.txt": b"SECRET_A", "b.txt": b"SECRET_B"})
NUMBERED = mails.mixed(  # the numbers of its parts: 0; 1, with 2 and 3 in it; 4
    mails.attachment("c.txt", b"SECRET_C"),
    mails.attachment("d.zip", ARCHIVE),
    mails.attachment("e.txt", b"SECRET_E"),
)


def test_the_part_that_is_open_is_told_at_every_change(finds):
    """Between its members, a death is blamed on the archive; in the search, on nobody."""
    told = []
    inspection.read(NUMBERED, LIMITS, at=told.append)
    none = inspection.NO_PART
    assert told == [0, none, 1, 2, 1, 3, 1, none, 4, none]


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ((), "ABCE"),
        ((0,), "ABE"),
        ((2,), "BCE"),
        ((1,), "CE"),
        ((0, 2), "BE"),
        ((0, 1, 2), ""),  # 2 is now the last attachment
    ],
)
def test_a_part_that_broke_a_reader_stays_closed(finds, broken, found):
    reading = inspection.read(NUMBERED, LIMITS, dict.fromkeys(broken, Trouble.TIMED_OUT))
    assert "".join(sorted(hit.value[-1] for hit in reading.hits)) == found
    assert {problem.kind for problem in reading.problems} == (
        {Trouble.TIMED_OUT} if broken else set()
    )
    unread = [part for part in reading.parts if part.coverage is Coverage.UNREAD]
    assert len(unread) == len(broken)


def test_after_three_broken_parts_all_that_follows_stays_closed(finds):
    """What precedes them is read: it did not break anything."""
    parts = (mails.attachment(f"{n}.txt", f"SECRET_{n}".encode()) for n in range(9))
    broken = {1: Trouble.CRASHED, 3: Trouble.TIMED_OUT, 4: Trouble.TOO_BIG}
    reading = inspection.read(mails.mixed(*parts), LIMITS, broken)
    assert {hit.value for hit in reading.hits} == {"SECRET_0", "SECRET_2"}
    told = [problem.kind.value for problem in reading.problems]
    assert told == ["crashed", "timed_out", "too_big", *["crashed"] * 4]


def test_a_file_with_something_wrong_everywhere_is_told_in_a_few_words(finds, monkeypatch):
    """And read no further: a million pages may each be damaged, and no wire carries that."""

    def extract(part, limits):
        for page in range(1_000_000):
            yield Problem(Trouble.DAMAGED, Place(part.path, f"page {page}"), "a page is damaged")

    kinds = {**extractor.extractors(), "text": extract}
    monkeypatch.setattr(inspection, "extractors", lambda: kinds)
    reading = inspection.read(mails.mixed(mails.attachment("a.txt", b"a"), mails.text("b")), LIMITS)
    assert len(reading.problems) < 2 * LIMITS.parts
    assert Trouble.TOO_MANY in {problem.kind for problem in reading.problems}
    assert Coverage.WHOLE not in {part.coverage for part in reading.parts if part.place.part}


def test_what_a_number_is_near_to_in_a_table_counts_for_the_text_that_holds_the_table():
    """Both are one place, and tell of one number: in JSON, only the row says whose it is."""
    record = b'{"nom": "TEST", "prenom": "Anne", "iban": "FR7630006000011234567890189"}'
    mail = mails.mixed(mails.text("x"), mails.attachment("a.json", record))
    [hit] = [hit for hit in inspection.read(mail, LIMITS).hits if hit.kind == "iban"]
    assert "person" in hit.near
