"""`vaguemestre trace`: one mail by any of its names, from a log in whatever state and the store."""

from __future__ import annotations

import gzip
import json

import pytest

from gateway.store import message_id
from gateway.store.keys import load_hmac

MESSAGE_ID = "<dupont.20260914@ch-exemple.example>"


def line(**more):
    said = {
        "id": "AAAA-0001",
        "door": "smtp",
        "queue_id": "4XYZ1a",
        "message": "",
        "client": "127.0.0.1",
        "sender": "1" * 16 + "@chu.example",
        "size": 1200,
        "coverage": "whole",
        "findings": {"fr.nir": 3},
        "problems": {},
        "recipients": [
            {
                "to": "2" * 16 + "@mail.example",
                "order": "pass",
                "reply": "250 2.0.0",
                "hop": "127.0.0.1:10026 250 4NEXT",
            }
        ],
        "event": "mail",
        "timestamp": "2026-11-22T15:00:00.5Z",
    }
    return json.dumps({**said, **more})


SENT = json.dumps(
    {
        "event": "sent",
        "kind": "release",
        "id": "7K2F-9QXD.2",
        "hop": "127.0.0.1:10026",
        "reply": "250 2.0.0",
        "queued": "4BACK",
        "timestamp": "2026-11-22T16:00:00Z",
    }
)


@pytest.fixture
def traced(configured, vaguemestre):
    """Writes files of the log and asks; what was said, one JSON object a line."""

    def ask(name, *lines, status=0, more=()):
        (configured / "gateway.log").write_text("".join(f"{one}\n" for one in lines))
        said = vaguemestre("trace", name, "--log", "gateway.log", "--json", *more)
        assert said.status == status, said.err
        return [(one.get("event"), one.get("id")) for one in said.lines]

    ask.folder = configured
    ask.hashed = message_id.of_id(load_hmac(configured / "keys"), MESSAGE_ID.encode())[:16]
    return ask


@pytest.mark.parametrize("name", ["AAAA-0001", "aaaa-0001", " AAAA-0001 ", "4XYZ1a", "4NEXT"])
def test_a_mail_is_found_by_its_code_and_by_either_servers_queue_id(traced, name):
    other = line(id="BBBB-0002", queue_id="4OTHER", recipients=[])
    assert traced(name, other, line()) == [("mail", "AAAA-0001")]


@pytest.mark.parametrize("name", [MESSAGE_ID, MESSAGE_ID.strip("<>")])
def test_a_mail_is_found_by_its_message_id(traced, name):
    told = traced(name, line(message=traced.hashed), line(id="BBBB-0002", message="0" * 16))
    assert told == [("mail", "AAAA-0001")]


def test_a_mail_is_found_by_the_hash_that_the_log_has_of_its_message_id(traced):
    told = traced(traced.hashed, line(message=traced.hashed), line(id="BBBB-0002"))
    assert told == [("mail", "AAAA-0001")]
    assert traced(traced.hashed[:15], line(message=traced.hashed), status=1) == []


def test_a_mail_that_came_to_one_node_and_then_to_another_is_told_from_both_logs(traced):
    (traced.folder / "other.log").write_text(
        line(id="BBBB-0002", message="a" * 16, timestamp="2026-11-22T15:30:00Z") + "\n"
    )
    first = line(message="a" * 16)
    assert traced("4XYZ1a", first, more=("--log", "other.log")) == [
        ("mail", "AAAA-0001"),
        ("mail", "BBBB-0002"),
    ]


def test_a_release_is_found_by_the_id_that_the_next_hop_gave_it(traced):
    assert traced("4BACK", line(), SENT) == [("sent", "7K2F-9QXD.2")]


@pytest.mark.parametrize("name", ["AAAA", "4XY", "AAAA-0001.", "0001", "<>", "@", '"id"', "mail"])
def test_a_part_of_a_name_is_nobodys(traced, name):
    assert traced(name, line(), status=1) == []


def test_every_try_of_a_mail_is_told_and_no_other_mail_of_the_same_queue_id(traced):
    """Postfix's short queue ids come again; with the Message-ID beside it they do not."""
    first = line(id="AAAA-0000", message="a" * 16, timestamp="2026-11-22T14:00:00Z")
    second = line(message="a" * 16)
    other = line(id="CCCC-0003", message="b" * 16)
    told = traced("4NEXT", first, second, other.replace("4NEXT", "4ELSE"))
    assert told == [("mail", "AAAA-0000"), ("mail", "AAAA-0001")]


def test_what_a_rotation_and_a_crash_leave_of_a_log_is_read(traced):
    """Packed, cut in the middle of a line, copied and so told twice, damaged at its end."""
    old = gzip.compress(f"{line(id='AAAA-0009', timestamp='2026-11-20T10:00:00Z')}\n".encode())
    (traced.folder / "gateway.log.2.gz").write_bytes(old)
    (traced.folder / "gateway.log.3.gz").write_bytes(old[: len(old) // 2])
    (traced.folder / "gateway.log-20261121").write_text(line() + "\n" + line()[:100])
    (traced.folder / "gateway.logbook").write_text(line(id="DDDD-0004"))
    told = traced("4XYZ1a", line()[50:], line(), "[]", "null", '"4XYZ1a"', "{" * 3000 + "4XYZ1a")
    assert told == [("mail", "AAAA-0009"), ("mail", "AAAA-0001")]


def test_a_line_in_another_shape_breaks_nothing(traced):
    strange = line(id=None, recipients="4NEXT", queue_id=7, findings=[], timestamp="yesterday")
    assert traced("AAAA-0001", strange, line(recipients=[1, {"hop": 4}], problems=None))


def test_the_log_may_come_by_a_pipe(configured, vaguemestre):
    piped = f"{line()}\n".encode()
    said = vaguemestre("trace", "4NEXT", "--log", "-", "--json", stdin=piped)
    assert [one["id"] for one in said.lines] == ["AAAA-0001"]


def test_the_story_is_told_as_a_person_would(configured, vaguemestre):
    (configured / "gateway.log").write_text(line(recipients=[json.loads(line())["recipients"][0]]))
    said = vaguemestre("trace", "4NEXT", "--log", "gateway.log")
    assert said.out.splitlines() == [
        "22/11/2026 16:00:00  AAAA-0001 : reçu par la porte smtp, de 127.0.0.1, file 4XYZ1a, "
        "1200 octets, expéditeur 1111111111111111@chu.example",
        "                     lu en entier, fr.nir 3",
        "                     → 2222222222222222@mail.example : laissé passer, remis à "
        "127.0.0.1:10026 qui a répondu 250, file 4NEXT, répondu 250 2.0.0",
    ]


@pytest.mark.parametrize("name", ["7K2F-9QXD", "7k2f-9qxd"])
def test_what_is_held_is_told_without_any_log(holding, vaguemestre, name):
    said = vaguemestre("trace", name, "--json")
    assert [(one["event"], one["id"]) for one in said.lines] == [
        ("hold", "7K2F-9QXD"),
        ("held", "7K2F-9QXD"),
    ]
    assert "zoe" not in said.out.lower(), "no person is named"


def test_both_holds_of_one_queue_id_are_told(holding, vaguemestre):
    said = vaguemestre("trace", "4ABC123")
    assert said.out.count("porte smtp, règle health/nir-external") == 2


def test_what_was_ruled_and_written_about_a_hold_is_told(holding, vaguemestre):
    vaguemestre("quarantine", "reject", "7K2F-9QXD", "--reason", "mauvaise adresse")
    said = vaguemestre("trace", "7K2F-9QXD")
    assert "annulé par " in said.out
    assert "lettre (avis) en attente" in said.out
    assert "mauvaise adresse" not in said.out, "an officer's words are sealed"


def test_an_unknown_name_and_an_endless_one_are_said_to_be_unknown(holding, vaguemestre):
    said = vaguemestre("trace", "x" * 1_000_000)
    assert said.status == 1
    assert len(said.err) < 200
    assert vaguemestre("trace", " ").status == 2
