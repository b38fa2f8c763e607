"""The letter that stands for a series of notices."""

import email
import email.policy
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.act.bundle import MOST_LISTED, Line, bundle
from gateway.act.notice import Notices

LETTERS = Path(__file__).parent / "letters"
SINCE = 1_795_440_720.0  # Monday 23 November 2026, 14:32 in Paris
NOW = SINCE + 3600
UNTIL = SINCE + 3 * 86400 + 12480
FULL = Notices(
    ours=lambda address: True,
    sender="quarantaine@cpam.example",
    officers=("dpo@cpam.example", "adjoint@cpam.example"),
    url="https://courriel.cpam.example",
    phone="poste 4512",
    help="aide@cpam.example",
)
BARE = replace(FULL, url="", phone="")
SENDER = ("paie@cpam.example",)
LINES = (
    Line("7K2F-9QXD", "held", UNTIL, "0f" * 16),
    Line("Q5HD-2TZN", "released", UNTIL, "1e" * 16),
    Line("3MRT-84WB", "rejected"),
    Line("8VNC-R2PF", "expired"),
    Line("4WXY-P7AB", "releasing"),
    Line("2ABC-D3EF"),
)


def written(letter):
    message = email.message_from_bytes(letter.content, policy=email.policy.default)
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    return f"Objet : {message['subject']}\n\n{text}"


@pytest.mark.parametrize(
    ("name", "notices", "to"),
    [
        ("bundle", FULL, SENDER),
        ("bundle-without-console", BARE, SENDER),
        ("bundle-officers", FULL, FULL.officers),
    ],
)
def test_it_reads_as_agreed(name, notices, to):
    letter = bundle(notices, LINES, to, since=SINCE, now=NOW)
    assert written(letter) == (LETTERS / f"{name}.txt").read_text()


def test_it_goes_to_those_the_notices_were_for_from_the_null_sender_and_is_no_notice_itself():
    letter = bundle(FULL, LINES, SENDER, since=SINCE, now=NOW)
    assert (letter.kind, letter.sender, letter.route) == ("bundle", "", "notices")
    assert [recipient.address for recipient in letter.recipients] == list(SENDER)
    assert b"Auto-Submitted: auto-generated" in letter.content


def test_a_flood_is_counted_whole_and_listed_in_part():
    lines = [Line(f"N{number:06d}", "held", UNTIL) for number in range(MOST_LISTED + 7)]
    text = written(bundle(FULL, lines, SENDER, since=SINCE, now=NOW))
    assert f"N{MOST_LISTED - 1:06d}" in text
    assert f"N{MOST_LISTED:06d}" not in text
    assert f"{MOST_LISTED + 7} autres de vos messages" in text
    assert "et 7 autres, trop nombreux" in text


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (SENDER, "1 autre de vos messages a été retenu avant sa sortie."),
        (FULL.officers, "1 autre message a été retenu avant sa sortie."),
    ],
)
def test_two_notices_about_one_message_are_one_message(to, said):
    text = written(bundle(FULL, LINES[:1], to, since=SINCE, now=NOW))
    assert said in text
    assert "1 autre message en quarantaine" in text


def test_of_questions_it_says_that_an_answer_is_awaited_and_links_to_each():
    asked = tuple(replace(line, asks=line.state == "held") for line in LINES)
    told = written(bundle(FULL, asked, SENDER, since=SINCE, now=NOW))
    assert "messages en attente depuis" in told
    assert "attend une réponse ; sa page dit jusqu'à quand" in told.replace("\u00a0", " ")
    assert "https://courriel.cpam.example/m/7K2F-9QXD?t=" in told
    assert "en quarantaine" in written(bundle(FULL, asked, FULL.officers, since=SINCE, now=NOW))
