"""Other forms of a line say what the JSON says, and no more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.log_lines import _parsed
from gateway.watch import log
from gateway.watch.log_form import FORMS

MAIL = {
    "process": "door",
    "event": "mail",
    "id": "7K2F-9QXD",
    "queue_id": "4Zk3",
    "sender": "3f2a@ch-exemple.example",
    "recipients": [{"to": "9c1d@mail.example", "reply": "250 2.0.0"}],
    "hop": "",
    "level": "info",
    "timestamp": "2026-11-22T09:14:02Z",
}


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("json", json.dumps(MAIL)),
        ("journald", "<6>" + json.dumps(MAIL)),
        (
            "text",
            "2026-11-22T09:14:02Z info door: mail id=7K2F-9QXD queue_id=4Zk3 "
            "sender=3f2a@ch-exemple.example "
            'recipients=[{"to":"9c1d@mail.example","reply":"250 2.0.0"}] hop=-',
        ),
    ],
)
def test_a_mail_in_each_form(form, written):
    assert FORMS[form](json.dumps(MAIL), "info") == written


@given(
    st.sampled_from(sorted(FORMS)),
    st.dictionaries(
        st.text(min_size=1, max_size=9),
        st.text(max_size=9) | st.integers() | st.lists(st.text(max_size=9)),
    ),
)
def test_whatever_is_logged_is_one_plain_line_in_every_form(form, fields):
    fields = {name: value for name, value in fields.items() if name not in ("level", "timestamp")}
    line = log._finished(FORMS[form], None, "warning", {"event": "x", **fields})
    assert line.isascii()
    assert line.isprintable()
    for value in fields.values():  # what may not be logged is a question mark here, too
        if isinstance(value, str) and not value.isascii():
            assert value not in line


def test_what_quotes_a_mail_is_in_no_form():
    words = "Zoé Inventée 2 79 99 99 999 001"
    for form in FORMS.values():
        try:
            raise ValueError(words)
        except ValueError:
            line = log._finished(form, None, "error", {"event": words, "exc_info": True})
        assert "Invent" not in line
        assert "99 99" not in line
        assert "ValueError" in line


def test_what_journald_kept_is_read_by_trace():
    """`journalctl -o cat` writes the line without its number."""
    assert _parsed(FORMS["journald"](json.dumps(MAIL), "info").partition(">")[2]) == MAIL
