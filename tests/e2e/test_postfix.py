"""The main job with a real Postfix, in the three set-ups of deploy/postfix.

before-queue:  swaks ─▶ Postfix ─SMTP▶ gateway ─▶ Postfix (10026) ─▶ internet
after-queue:   swaks ─▶ Postfix queue ─LMTP▶ gateway ─▶ Postfix (10026) ─▶ internet
milter:        swaks ─▶ Postfix ─▶ internet, and Postfix asks the gateway before it takes a mail
"""

from __future__ import annotations

import smtplib
import subprocess
import time

import pytest

from tests.e2e.gateway import OURS, eventually
from tests.e2e.postfix import Postfix

NIR = "2 85 09 75 999 998 37"
LEAK = (
    f"Bonjour,\r\n\r\nMme TESTEUR Anne, née le 14/09/1985, numéro de sécurité sociale {NIR}, "
    "est suivie pour un diabète.\r\n"
)
INNOCENT = "Bonjour,\r\n\r\nLa réunion est à 14 h.\r\n.\r\n..deux points\r\n\r\n"
SENDER = f"agent@{OURS}"
COLLEAGUE = f"collegue@{OURS}"
OUTSIDE = "patiente@exemple.example"


def letter(text: str, number: int = 0, to: str = OUTSIDE) -> bytes:
    head = (
        f"From: {SENDER}\r\nTo: {to}\r\nSubject: essai {number}\r\n"
        f"Message-ID: <{number}.{time.time_ns()}@{OURS}>\r\n"
        "Date: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return (head + text).encode()


def send(port: int, content: bytes, *to: str) -> int:
    """The reply code to the final dot, by a client that shares no code with the gateway."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo()
        assert client.mail(SENDER, ["BODY=8BITMIME"])[0] == 250
        for address in to:
            assert client.rcpt(address)[0] == 250
        return int(client.data(content)[0])


@pytest.fixture(params=["before-queue", "after-queue", "milter"])
def house(request, behind, internet):
    return behind(request.param)


def arrived(internet, address: str, count: int = 1):
    return eventually(
        lambda: len(internet.for_(address)) >= count and internet.for_(address),
        f"nothing for {address}",
    )


def sendmail(postfix: Postfix, content: bytes, *to: str) -> None:
    """As programs of the machine hand mail over, without SMTP."""
    conf = str(postfix.root / "conf")
    command = ["/usr/sbin/sendmail", "-C", conf, "-i", "-f", SENDER, *to]
    subprocess.run(command, input=content.replace(b"\r\n", b"\n"), check=True, timeout=60)


def empty(postfix: Postfix) -> bool:
    return not postfix.queue()


@pytest.mark.e2e
def test_innocent_mail_comes_out_with_the_bytes_it_went_in_with(house, internet):
    postfix, _ = house
    sent = letter(INNOCENT)
    assert send(postfix.port, sent, OUTSIDE) == 250
    [got] = arrived(internet, OUTSIDE)
    assert got.content.endswith(sent), "only Received fields may stand before it"
    assert got.content.count(b"with ESMTP id") + got.content.count(b"with LMTP id") >= 1
    eventually(lambda: empty(postfix))


@pytest.mark.e2e
def test_one_message_two_recipients_two_verdicts(house, internet):
    postfix, gateway = house
    sent = letter(LEAK)
    assert send(postfix.port, sent, COLLEAGUE, OUTSIDE) == 250
    [inside] = arrived(internet, COLLEAGUE)
    [outside] = arrived(internet, OUTSIDE)
    assert inside.content.endswith(sent)
    assert NIR.encode() not in outside.content
    assert b"Subject: essai" not in outside.content
    eventually(lambda: empty(postfix))
    assert gateway.held() == []


@pytest.mark.e2e
def test_what_no_rule_lets_out_is_held_and_released_with_its_bytes(behind, internet):
    postfix, gateway = behind("after-queue")
    many = "".join(f"{nir}\r\n" for nir in made_nirs(12))
    sent = letter("Liste :\r\n" + many)
    assert send(postfix.port, sent, OUTSIDE) == 250
    [held] = eventually(gateway.held)
    assert held["recipients"] == [OUTSIDE]
    assert internet.for_(OUTSIDE) == []
    gateway.command("quarantine", "release", held["id"], "--reason", "essai")
    [got] = arrived(internet, OUTSIDE)
    assert got.content.endswith(sent)
    eventually(lambda: gateway.held() == [])


def made_nirs(count: int) -> list[str]:
    numbers = (2_85_09_75_999_000 + n for n in range(1, count + 1))
    return [f"{number}{97 - number % 97:02d}" for number in numbers]


@pytest.mark.e2e
def test_the_next_hop_being_down_loses_nothing(house, internet):
    postfix, _ = house
    internet.down()
    sent = letter(INNOCENT)
    code = send(postfix.port, sent, OUTSIDE)
    assert code in (250, 451)
    internet.up()
    if code != 250:  # the client tries again, as every mail server does
        assert eventually(lambda: send(postfix.port, sent, OUTSIDE) == 250)
    postfix.flush()
    [got] = arrived(internet, OUTSIDE)
    assert got.content.endswith(sent)
    eventually(lambda: empty(postfix))


@pytest.mark.e2e
def test_a_next_hop_that_refuses_one_recipient_still_gets_the_other(house, internet):
    postfix, _ = house
    internet.hop.says["RCPT TO:<absent@"] = "550 5.1.1 unknown here"
    sent = letter(INNOCENT)
    assert send(postfix.port, sent, OUTSIDE, "absent@exemple.example") == 250
    [got] = arrived(internet, OUTSIDE)
    assert got.content.endswith(sent)
    told = lambda: any(b"absent@" in one.content for one in internet.for_(SENDER))  # noqa: E731
    eventually(told, "the sender is told of the one refused")
    eventually(lambda: empty(postfix))


@pytest.mark.e2e
@pytest.mark.parametrize("moment", ["during DATA", "right after"])
def test_a_kill_loses_nothing(house, internet, moment):
    """SIGKILL of every process of the gateway while mails are under way; started again, Postfix or
    the client delivers what is left, and each mail ends at the sink."""
    postfix, gateway = house
    mails = {n: letter(INNOCENT + "bonjour " * 50 * n + "\r\n", n) for n in range(1, 9)}
    accepted = set()
    for n, content in mails.items():
        if n == 4 and moment == "during DATA":
            kill_during_data(gateway)
        if send_or_fail(postfix.port, content) == 250:
            accepted.add(n)
        if n == 4 and moment == "right after":
            gateway.kill()
            gateway.start()
    for n in mails.keys() - accepted:
        eventually(lambda n=n: send_or_fail(postfix.port, mails[n]) == 250)
    postfix.flush()
    for content in mails.values():
        eventually(lambda c=content: any(t.content.endswith(c) for t in internet.taken))
    eventually(lambda: empty(postfix))


def kill_during_data(gateway) -> None:
    """A transaction of our own, straight to the door, cut in the middle of its DATA."""
    with smtplib.SMTP("127.0.0.1", gateway.smtp) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(OUTSIDE)
        client.putcmd("DATA")
        assert client.getreply()[0] == 354
        client.send(b"Subject: coupe\r\n\r\ndemi")
        gateway.kill()
        client.close()
    gateway.start()


def send_or_fail(port: int, content: bytes) -> int:
    try:
        return send(port, content, OUTSIDE)
    except (smtplib.SMTPException, OSError):
        return 0


@pytest.mark.e2e
def test_a_mail_deferred_three_times_carries_each_order_out_once(behind, internet):
    """Postfix's proxy filter dates a fresh Received at each try: the memory looks below it."""
    postfix, gateway = behind("before-queue", relay=internet.hop.port)
    internet.hop.says["RCPT TO:<collegue@"] = ["451 4.2.1 later"] * 3
    sent = letter("Liste :\r\n" + "".join(f"{nir}\r\n" for nir in made_nirs(12)), 7)
    codes = [send(postfix.port, sent, OUTSIDE, COLLEAGUE) for _ in range(4)]
    assert codes == [451, 451, 451, 250]
    assert len(internet.for_(COLLEAGUE)) == 1
    assert len(gateway.held()) == 1, "held once, whatever the number of tries"

    assert send(postfix.port, sent, OUTSIDE, COLLEAGUE) == 250
    assert len(internet.for_(COLLEAGUE)) == 2, "the same bytes sent anew are a new mail"
    assert len(gateway.held()) == 2


@pytest.mark.e2e
def test_a_milter_judges_every_mail_of_a_session_and_leaves_the_others_alone(behind, internet):
    """Mails of one connection are edited one as the other; nothing of ours is added."""
    postfix, gateway = behind("milter")
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        for number in range(3):
            client.mail(SENDER, ["BODY=8BITMIME", "ENVID=essai", "RET=HDRS"])
            client.rcpt(COLLEAGUE, ["NOTIFY=NEVER"])
            client.rcpt(OUTSIDE, ["NOTIFY=FAILURE"])
            assert client.data(letter(LEAK, number))[0] == 250
        client.mail(SENDER, ["BODY=8BITMIME"])
        client.rcpt(OUTSIDE)
        assert client.data(letter(INNOCENT, 9))[0] == 250
    inside = arrived(internet, COLLEAGUE, 3)
    outside = arrived(internet, OUTSIDE, 4)
    assert [one.content.count(b"Vaguemestre") for one in inside] == [0, 0, 0]
    assert sum(NIR.encode() in one.content for one in outside) == 0
    assert sum(b"Subject: essai 9" in one.content for one in outside) == 1
    assert all("NOTIFY=NEVER" in rcpt for one in inside for rcpt in one.rcpts)
    assert all("ENVID=essai" in one.mail for one in inside)
    eventually(lambda: empty(postfix))
    orders = [{r["order"] for r in line["recipients"]} for line in gateway.lines("mail")]
    assert orders == [{"pass", "encrypt"}] * 3 + [{"pass"}]


@pytest.mark.e2e
def test_a_milter_sees_what_programs_hand_to_sendmail(behind, internet):
    postfix, gateway = behind("milter")
    sendmail(
        postfix, letter("Liste :\r\n" + "".join(f"{nir}\r\n" for nir in made_nirs(12))), OUTSIDE
    )
    [held] = eventually(gateway.held)
    assert held["recipients"] == [OUTSIDE]
    sendmail(postfix, letter(INNOCENT, 8), OUTSIDE)
    assert len(arrived(internet, OUTSIDE)) == 1
    eventually(lambda: empty(postfix))


@pytest.mark.e2e
def test_what_postfix_cannot_take_off_does_not_leave_in_clear(behind, internet):
    """Neither the address that it completes for sendmail(1), nor a source route."""
    postfix, _ = behind("milter")
    sendmail(postfix, letter(LEAK, 1), COLLEAGUE, "patiente")
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        client.mail(SENDER, ["BODY=8BITMIME"])
        for path in (f"<{COLLEAGUE}>", f"<@relais.example:{OUTSIDE}>"):
            assert client.docmd(f"RCPT TO:{path}")[0] == 250
        assert client.data(letter(LEAK, 2))[0] == 250
    assert len(arrived(internet, COLLEAGUE, 2)) == 2
    assert arrived(internet, OUTSIDE)
    eventually(lambda: empty(postfix))
    clear = [taken.rcpts for taken in internet.taken if NIR.encode() in taken.content]
    assert len(clear) == 2, clear
    assert all(len(rcpts) == 1 and COLLEAGUE in rcpts[0] for rcpts in clear), clear


@pytest.mark.e2e
def test_the_same_mail_sent_anew_at_a_milter_is_a_new_mail(behind, internet):
    """Postfix aborts at the milter after each mail: that says nothing of our answer."""
    postfix, _ = behind("milter")
    sent = letter(LEAK, 3)
    assert send(postfix.port, sent, OUTSIDE) == 250
    arrived(internet, OUTSIDE)

    def another() -> bool:  # once the abort has come and the first is forgotten
        assert send(postfix.port, sent, OUTSIDE) == 250
        return len(internet.for_(OUTSIDE)) >= 2

    eventually(another, "swallowed as a retry")


@pytest.mark.e2e
def test_a_milter_takes_addresses_and_subjects_in_utf8(behind, internet):
    postfix, gateway = behind("milter")
    to = "éloïse@exemple.example"
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        client.mail(SENDER, ["SMTPUTF8", "BODY=8BITMIME"])
        client.sock.sendall(f"RCPT TO:<{to}>\r\n".encode())
        assert client.getreply()[0] == 250
        assert (
            client.data(letter("Liste :\r\n" + "".join(f"{n}\r\n" for n in made_nirs(12)), 5))[0]
            == 250
        )
    [held] = eventually(gateway.held)
    assert held["recipients"] == [to]
    gateway.command("quarantine", "release", held["id"], "--reason", "essai")
    assert arrived(internet, to)
