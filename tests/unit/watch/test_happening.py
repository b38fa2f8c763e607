"""What a SIEM reads of an event is what was meant, whatever stands in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recorded import EVENTS
from gateway.watch.happening import MEANINGS, MOST_RECIPIENTS, Happening, as_cef, as_json

ROOT = Path(__file__).parents[3]
HELD = Happening(
    41,
    1_700_000_000.25,
    "held",
    "node-1.ch-exemple.example",
    hold="7K2F-9QXD",
    detail="recipients=2",
    rule="health/nir-external",
    compartment="default",
    queue_id="4Zk3",
)


def read_cef(line: bytes) -> tuple[list[str], dict[str, str]]:
    """As the format says it is to be read; shares no idea with the writer."""
    head, text, at = [], line.decode("utf-8"), 0
    field = ""
    while len(head) < 7:
        if text[at] == "\\":
            field, at = field + text[at + 1], at + 2
        elif text[at] == "|":
            head, field, at = [*head, field], "", at + 1
        else:
            field, at = field + text[at], at + 1
    starts = [*re.finditer(r"(?:^|(?<= ))(\w+)=", text[at:])]
    ends = [one.start() - 1 for one in starts[1:]] + [len(text) - at]
    extension = {}
    for one, end in zip(starts, ends, strict=True):
        value = text[at:][one.end() : end]
        assert not re.search(r"(?<!\\)(?:\\\\)*=", value), "a bare sign begins another field"
        extension[one[1]] = re.sub(
            r"\\(.)", lambda e: {"n": "\n", "r": "\r"}.get(e[1], e[1]), value
        )
    return head, extension


def test_a_held_mail_as_cef():
    head, extension = read_cef(as_cef(HELD))
    assert head[:3] == ["CEF:0", "Vaguemestre", "vaguemestre"]
    assert head[4:] == ["held", "Mail held", "5"]
    assert extension == {
        "rt": "1700000000250",
        "externalId": "41",
        "dvchost": "node-1.ch-exemple.example",
        "cat": "hold",
        "act": "held",
        "msg": "recipients=2",
        "cs1Label": "hold",
        "cs1": "7K2F-9QXD",
        "cs2Label": "rule",
        "cs2": "health/nir-external",
        "cs5Label": "compartment",
        "cs5": "default",
        "cs6Label": "queueId",
        "cs6": "4Zk3",
    }


@pytest.mark.parametrize("write", [as_cef, as_json])
def test_an_address_that_is_no_unicode_holds_up_nothing(write):
    what = replace(HELD, sender="a\udcff@ch-exemple.example")
    assert b"@ch-exemple.example" in write(what)


def test_a_held_mail_as_json():
    told = json.loads(as_json(HELD))
    told.pop("version")
    assert told == {
        "id": 41,
        "time": "2023-11-14T22:13:20.250+00:00",
        "host": "node-1.ch-exemple.example",
        "event": "held",
        "name": "Mail held",
        "group": "hold",
        "severity": 5,
        "hold": "7K2F-9QXD",
        "rule": "health/nir-external",
        "compartment": "default",
        "queue_id": "4Zk3",
        "detail": "recipients=2",
    }


# What formats are made of, and what breaks lines, among any text at all.
hostile = st.text(
    st.one_of(st.sampled_from("\\|=\n\r \t\x00\x1b\x85\u2028é"), st.characters(codec="utf-8")),
    max_size=30,
).map(lambda text: text.strip(" "))


@given(hostile, hostile, hostile)
def test_cef_says_what_was_said_and_stays_one_line(who, detail, kind):
    what = Happening(1, 2.0, f"x{kind}", "host", who=who, detail=detail)
    line = as_cef(what)
    text = line.decode("utf-8")
    assert len(text.splitlines()) == 1
    assert not re.search(r"[\x00-\x1f\x7f]", text)
    head, extension = read_cef(line)
    told = {"suser": who, "msg": detail}
    for name, value in told.items():
        # What no line may hold is a blank; a value is never cut, nor grows a field of its own.
        assert _bare(extension.get(name, "")) == _bare(value)
    assert set(extension) <= {"rt", "externalId", "dvchost", "cat", "act", "suser", "msg"}
    assert _bare(head[5]) == _bare(f"x{kind}")


@pytest.mark.parametrize(
    "forged", ["x suser=root", "x\\ suser=root", "x\nCEF:0|a|b", "x\r\nsuser=root", "|9|suser=root"]
)
def test_what_an_event_says_adds_no_field_and_no_line(forged):
    line = as_cef(Happening(1, 2.0, f"x {forged}", "host", detail=forged))
    assert len(line.splitlines()) == 1
    head, extension = read_cef(line)
    assert head[6] == "3"
    assert "suser" not in extension
    assert _bare(extension["msg"]) == _bare(forged)


def _bare(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]", "", text)


@given(hostile, hostile)
def test_json_is_one_ascii_line_that_says_what_was_said(who, detail):
    line = as_json(Happening(1, 2.0, "held", "host", who=who, detail=detail))
    assert line.isascii()
    assert b"\n" not in line
    told = json.loads(line)
    assert (told.get("account", ""), told.get("detail", "")) == (who, detail)


def test_of_a_long_list_the_first_recipients_are_named():
    several = tuple(f"r{number}@x.example" for number in range(1000))
    what = Happening(1, 2.0, "held", "host", recipients=several)
    assert len(json.loads(as_json(what))["recipients"]) == MOST_RECIPIENTS
    assert len(as_cef(what)) < 2000


@pytest.mark.parametrize(
    ("kind", "syslog"), [("digest", 6), ("held", 5), ("sign-in failed", 4), ("bypass begun", 3)]
)
def test_gravity_on_syslogs_scale(kind, syslog):
    assert Happening(1, 2.0, kind, "host").syslog_severity == syslog


def test_an_event_that_nobody_described_is_told_all_the_same():
    told = json.loads(as_json(Happening(1, 2.0, "new thing", "host")))
    assert (told["event"], told["group"], told["name"]) == ("new-thing", "other", "new thing")


def noted() -> set[str]:
    """Kinds of events written out where they are noted."""
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    return set(re.findall(r"\bnote\(\s*\w+,\s*\"([a-z, -]+)\"", sources))


def test_every_event_of_the_record_has_a_meaning():
    assert len(noted()) > 20, "or it is looked for in the wrong way"
    assert sorted((noted() | set(EVENTS)) - set(MEANINGS)) == []


def test_the_operators_page_tells_every_event_and_no_other():
    page = (ROOT / "docs" / "operateur" / "siem.md").read_text("utf-8")
    told = re.findall(r"^\| `([a-z-]+)` \| `([a-z]+)` \| (\d+) \|", page, re.MULTILINE)
    assert {(slug, group, int(severity)) for slug, group, severity in told} == {
        (Happening(0, 0.0, kind, "").slug, meaning.group, meaning.severity)
        for kind, meaning in MEANINGS.items()
    }
