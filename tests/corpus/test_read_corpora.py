"""The tool that reads collections of test mails: what it takes for a message, and what it tells."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from gateway.model import Coverage, PartRead, Place, Problem, Reading, Trouble
from tests.makers import documents, mails
from tools.read_corpora import Row, attached, patterns, read_all, sources, table

ROOT = Path(__file__).parents[2]
TWO_TYPES = (
    b"Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx"
)


def test_messages_are_told_by_the_manifest_and_other_files_left_out(tmp_path):
    (tmp_path / "projet" / "cas").mkdir(parents=True)
    (tmp_path / "projet" / "cas" / "1.eml").write_bytes(b"Subject: x\n\nBonjour\n")
    (tmp_path / "projet" / "cas" / "1.json").write_bytes(b"{}")
    (tmp_path / "projet" / "deux.raw").write_bytes(b"Subject: y\r\n\r\nBonjour\r\n")
    (tmp_path / "manifest.tsv").write_text("path\trepo\nprojet/cas/1.eml\texemple/projet@1234\n")
    found = [(s.name, s.folder, s.content) for s in sources(tmp_path, files=False)]
    assert found == [
        ("projet/cas/1.eml", "exemple/projet@1234, cas", b"Subject: x\r\n\r\nBonjour\r\n"),
        ("projet/deux.raw", "projet", b"Subject: y\r\n\r\nBonjour\r\n"),
    ]


def test_bare_files_are_read_as_attachments(tmp_path):
    (tmp_path / "é.csv").write_bytes(b"a;b\n1;2\n")
    (one,) = sources(tmp_path, files=True)
    assert one.content == attached("é.csv", b"a;b\n1;2\n")


def test_a_table_counts_what_was_read_behind_the_wall(tmp_path):
    (tmp_path / "1.eml").write_bytes(mails.message(mails.text("Bonjour")))
    (tmp_path / "2.eml").write_bytes(
        mails.mixed(
            mails.text("Voici"), mails.attachment("x.zip", documents.zip_locked({"a": b"b"}))
        )
    )
    (tmp_path / "3.eml").write_bytes(TWO_TYPES)
    (tmp_path / "4.eml").write_bytes(TWO_TYPES)
    rows = asyncio.run(read_all(list(sources(tmp_path, files=False)), ["4.*"]))
    (row,) = rows.values()
    assert (row.messages, row.malformed) == (4, 1)
    assert (row.ambiguous, row.ambiguous_malformed) == (1, 1)
    assert row.problems["encrypted"] == 1
    assert sum(row.coverages.values()) == 4
    assert not row.failed
    assert "1 of 3 (33.3 %). Crashes: 0. Out of time: 0. Without a coverage: 0." in table(rows)


def test_a_crash_or_no_coverage_is_a_failure():
    crashed = Row()
    place = Place("1")
    problems = (Problem(Trouble.CRASHED, place),)
    crashed.add(Reading((), problems, (PartRead(place, "", Coverage.UNREAD),)), False, 1.0)
    assert crashed.failed
    nothing = Row()
    nothing.add(Reading(), False, 1.0)
    assert nothing.failed


def test_patterns_are_the_first_column(tmp_path):
    (tmp_path / "list.tsv").write_text("# a remark\na/*\twhy\nb.eml\twhy\n")
    assert patterns(tmp_path / "list.tsv") == ["a/*", "b.eml"]
    assert patterns(None) == []


def test_a_directory_that_is_not_there_is_a_usage_error(tmp_path):
    command = [sys.executable, "-m", "tools.read_corpora", str(tmp_path / "none")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no such directory" in done.stderr
