import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.act.reject import Reject
from gateway.model import Client, Disposition, Envelope, Inspection, Mail, Verdict

MAIL = Mail("7K2F-9QXD", "smtp", Client(), Envelope("s@ours.example", ()), b"", b"", 0.0, 0.0)


def reject(text, *addresses):
    verdicts = [Verdict(a, Disposition.REJECT, "site/no") for a in addresses or ["a@x.example"]]
    return asyncio.run(Reject(lambda mail: text.format(id=mail.id))(MAIL, verdicts, Inspection()))


def test_everybody_concerned_gets_the_text_for_this_mail():
    receipts = reject("Ce message ne part pas.\nCode : {id}", "a@x.example", "b@x.example")
    assert [r.recipient for r in receipts] == ["a@x.example", "b@x.example"]
    assert {r.order for r in receipts} == {Disposition.REJECT}
    assert receipts[0].detail == "", "no hop was asked; the log names the rule beside it"
    assert receipts[0].reply.lines() == (
        "550-5.7.1 Ce message ne part pas.",
        "550 5.7.1 Code : 7K2F-9QXD",
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Refusé : adressez-vous à l’accueil", "Refuse : adressez-vous a l'accueil"),
        ("« cœur »\u00a0!", '" coeur " !'),
        ("a\x00b\x1bc漢", "a?b?c?"),
        ("", "Refus"),
        ("\n\n", "Refus"),
    ],
)
def test_the_text_is_made_fit_for_a_reply(text, line):
    [receipt] = reject(text)
    assert receipt.reply.text == (line,)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{}"), max_size=3000))
def test_whatever_the_text_the_reply_is_a_lawful_one(text):
    [receipt] = reject(text)
    assert receipt.reply.code == 550
    for line in receipt.reply.lines():
        assert line.isascii()
        assert line.isprintable()
        assert len(line) + 2 <= 512


def test_an_address_in_the_text_is_not_cut_at_its_hyphens():
    url = f"https://courriel.ours.example/{'a-b' * 155}"
    [receipt] = reject(f"Que faire : ouvrez {url}")
    assert url in receipt.reply.text


def test_a_verdict_that_asks_for_it_has_a_text_of_its_own():
    verdicts = [Verdict(a, Disposition.REJECT, "site/no") for a in ("a@x.example", "b@x.example")]
    action = Reject(
        lambda mail: "Non.", lambda v: "Écrivez-lui là." if v.recipient[0] == "a" else ""
    )
    first, second = asyncio.run(action(MAIL, verdicts, Inspection()))
    assert first.reply.text == ("Ecrivez-lui la.", "Code du dossier : 7K2F-9QXD")
    assert second.reply.text == ("Non.",)
