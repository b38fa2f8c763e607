"""Hidden numbers through the running gateway's own doors, over the wire: none reaches a stranger.

All of them, one by one, are in tests/corpus/test_evasions.py; here a sample of each family goes
through SMTP and LMTP, with no channel but the quarantine. A bare CR or LF is refused at the door.
"""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from tests.e2e.gateway import Gateway
from tests.e2e.test_incidents import SENDER
from tests.makers.evasions import Case, cases
from tests.makers.mails import message, text

STRANGER = "j.durand@exemple.example"
OF_EACH_FAMILY = 2
REFUSED = 550  # bare line ends


@pytest.fixture(scope="module")
def sample() -> list[Case]:
    families: dict[str, list[Case]] = {}
    for case in cases():
        families.setdefault(case.name.partition("/")[0], []).append(case)
    return [
        case
        for members in families.values()
        for case in members[:: max(1, len(members) // OF_EACH_FAMILY)]
    ]


@pytest.fixture(scope="module")
def one_strict(tmp_path_factory, one_internet):
    folder: Path = tmp_path_factory.mktemp("strict")
    gateway = Gateway(folder / "gateway", one_internet.hop.port, {"pdf": {"enabled": False}})
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def strict(one_strict, internet):
    one_strict.as_new()
    return one_strict


def answer(client: smtplib.SMTP, content: bytes) -> int:
    """The reply to one mail for one stranger, as raw as it is."""
    client.mail(SENDER, ["BODY=8BITMIME"])
    client.rcpt(STRANGER)
    assert client.docmd("DATA")[0] == 354
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    end = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
    client.send(stuffed + end)
    return client.getreply()[0]


@pytest.mark.e2e
@pytest.mark.timeout(240)
@pytest.mark.parametrize("door", ["smtp", "lmtp"])
def test_no_door_lets_a_hidden_number_out(strict, internet, sample, door):
    session = {"smtp": smtplib.SMTP, "lmtp": smtplib.LMTP}[door]
    replies: dict[str, int] = {}
    with session("127.0.0.1", getattr(strict, door), timeout=60) as client:
        client.ehlo_or_helo_if_needed()
        for case in sample:
            for content in dict.fromkeys((case.content, case.with_crlf())):
                replies[f"{case.name} {len(content)}"] = answer(client, content)
        innocent = message(text("Bonjour,\n\nà jeudi.\n"))
        assert answer(client, innocent) == 250
    assert set(replies.values()) == {250, REFUSED}
    assert [one.content.endswith(innocent) for one in internet.for_(STRANGER)] == [True]
    assert len(strict.held()) == sum(code == 250 for code in replies.values())
