"""The main job with a real Postfix, in the three set-ups of deploy/postfix.

before-queue:  swaks ─▶ Postfix ─SMTP▶ gateway ─▶ Postfix (10026) ─▶ internet
after-queue:   swaks ─▶ Postfix queue ─LMTP▶ gateway ─▶ Postfix (10026) ─▶ internet
milter:        swaks ─▶ Postfix ─▶ internet, and Postfix asks the gateway before it takes a mail
"""

from __future__ import annotations

import os
import re
import shutil
import smtplib
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random

import pytest

from tests import opendkim
from tests.e2e.gateway import OURS, REREAD, eventually
from tests.e2e.pages import Pages, link_in
from tests.e2e.postfix import MTA, Postfix
from tests.makers import identifiers, signing

NIR = "2 85 09 75 999 998 37"
LEAK = (
    f"Bonjour,\r\n\r\nMme TESTEUR Anne, née le 14/09/1985, numéro de sécurité sociale {NIR}, "
    "est suivie pour un diabète.\r\n"
)
INNOCENT = "Bonjour,\r\n\r\nLa réunion est à 14 h.\r\n.\r\n..deux points\r\n\r\n"
SENDER = f"agent@{OURS}"
HURRIED = f"standard@{OURS}"  # who is asked so often that he gets a list
COLLEAGUE = f"collegue@{OURS}"
OUTSIDE = "patiente@exemple.example"
SEALED = b"Subject: =?utf-8?q?Message_chiffr=C3=A9?="
PATHS = (  # of one or two recipients, whose names Postfix may change before it looks for them
    "<alias@exemple.example>",
    f"<@relais.example:{OUTSIDE}>",
    '<"patiente"@exemple.example>',
    "<Patiente+rdv@Exemple.Example>",
    "<patiente@exemple.example.>",
    f"<{OUTSIDE}> <{OUTSIDE}>",
    "<alias@exemple.example> <ALIAS@exemple.example>",
    "<patiente%exemple.example@ch-exemple.example>",
)


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
def test_a_recipient_without_a_domain_is_for_postfix_to_complete(behind, internet):
    """As programs of the machine say it, through the proxy filter: RCPT TO:<root>."""
    postfix, _ = behind("before-queue")
    assert send(postfix.port, letter(INNOCENT), "root") == 250
    assert arrived(internet, "root@mta.ch-exemple.example")
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
def test_a_content_filter_by_smtp_does_as_well(behind, internet):
    """One reply for all recipients, from Postfix's queue: what is done for one of them is
    remembered while another waits."""
    first, gateway = behind("after-queue")
    folder = Path(tempfile.mkdtemp(prefix="vaguemestre-postfix-"))
    postfix = Postfix(folder, "after-queue", gateway.smtp, internet.hop.port, by_smtp=True)
    try:
        postfix.start()
        clean, leak = letter(INNOCENT), letter(LEAK)
        assert send(postfix.port, clean, COLLEAGUE, OUTSIDE) == 250
        assert [one.content.endswith(clean) for one in arrived(internet, COLLEAGUE)] == [True]
        assert [one.content.endswith(clean) for one in arrived(internet, OUTSIDE)] == [True]
        assert send(postfix.port, leak, COLLEAGUE, OUTSIDE) == 250
        assert arrived(internet, COLLEAGUE, 2)[1].content.endswith(leak)
        assert NIR.encode() not in arrived(internet, OUTSIDE, 2)[1].content
        internet.hop.says["RCPT TO:<absent@"] = "550 5.1.1 unknown here"
        again = letter(INNOCENT)
        assert send(postfix.port, again, COLLEAGUE, "absent@exemple.example") == 250
        assert arrived(internet, COLLEAGUE, 3)[2].content.endswith(again)
        told = lambda: any(b"absent@" in one.content for one in internet.for_(SENDER))  # noqa: E731
        eventually(told, "the sender is told of the one refused")
        eventually(lambda: empty(postfix) and empty(first))
    finally:
        postfix.stop()
        shutil.rmtree(folder, ignore_errors=True)


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
    # Asked again and again, since it may remember for a while that nobody answered.
    [got] = eventually(lambda: postfix.flush() or internet.for_(OUTSIDE))
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
def test_a_kill_loses_nothing(house, internet):
    """SIGKILL of every process of the gateway right after one mail and in the middle of another;
    started again, Postfix or the client delivers what is left, and each mail ends at the sink."""
    postfix, gateway = house
    mails = {n: letter(INNOCENT + "bonjour " * 50 * n + "\r\n", n) for n in range(1, 9)}
    accepted = set()
    for n, content in mails.items():
        if send_or_fail(postfix.port, content) == 250:
            accepted.add(n)
        if n == 4:
            kill_during_data(gateway)
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
    except (smtplib.SMTPException, OSError, AssertionError):  # refused before its content, too
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
def test_a_milter_treats_each_mail_of_a_session_as_if_it_were_alone(behind, internet):
    """Fifty of ten kinds by turns. What stays with the MTA has nothing of ours added."""
    postfix, gateway = behind("milter")
    bulk = "Liste :\r\n" + "".join(f"{nir}\r\n" for nir in made_nirs(12))
    kinds = [
        (INNOCENT, [OUTSIDE], ("pass",)),
        (LEAK, [OUTSIDE], ("encrypt",)),
        (INNOCENT, [OUTSIDE], ("pass",)),
        (LEAK, [COLLEAGUE, OUTSIDE], ("encrypt", "pass")),
        (bulk, [OUTSIDE], ("quarantine",)),
        (bulk, [COLLEAGUE], ("pass",)),
        (INNOCENT, [OUTSIDE], ("pass",)),
        (bulk, [COLLEAGUE, OUTSIDE], ("pass", "quarantine")),
        (bulk, [COLLEAGUE], ("pass",)),
        (INNOCENT, [OUTSIDE], ("pass",)),
    ]
    sent = {}
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        for number in range(100, 150):
            text, to, _ = kinds[number % 10]
            client.mail(SENDER, ["BODY=8BITMIME", f"ENVID=n{number}", "RET=HDRS"])
            for address in to:
                client.rcpt(address, ["NOTIFY=NEVER"])
            sent[number] = letter(text, number)
            assert client.data(sent[number])[0] == 250
    arrived(internet, COLLEAGUE, 20)
    arrived(internet, OUTSIDE, 30)
    eventually(lambda: empty(postfix))
    inside, outside = internet.for_(COLLEAGUE), internet.for_(OUTSIDE)
    assert (len(inside), len(outside)) == (20, 30)
    assert len(gateway.held()) == 10
    for one in inside:
        number = int(one.mail.partition("ENVID=n")[2][:3])
        assert one.content.endswith(sent[number])
        sent_by_us = number % 10 in (3, 7)  # with one Received
        assert one.content.count(b"Vaguemestre") == sent_by_us
        assert all("NOTIFY=NEVER" in rcpt and COLLEAGUE in rcpt for rcpt in one.rcpts)
    clear = [one for one in outside if not one.content.count(b"multipart/")]
    numbers = {int(one.mail.partition("ENVID=n")[2][:3]): one.content for one in clear}
    assert sorted(numbers) == [n for n in sent if n % 10 in (0, 2, 6, 9)]
    assert all(content.endswith(sent[number]) for number, content in numbers.items())
    assert sum(NIR.encode() in one.content for one in outside) == 0
    orders = [tuple(r["order"] for r in line["recipients"]) for line in gateway.lines("mail")]
    assert [tuple(sorted(one)) for one in orders] == [wanted for *_, wanted in kinds] * 5


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
def test_what_postfix_does_not_find_does_not_leave_in_clear(behind, internet):
    """The address that it completes for sendmail(1), a source route, and whatever it rewrites where
    it forgets what it was given first."""
    postfix, gateway = behind("milter")
    sendmail(postfix, letter(LEAK, 1), COLLEAGUE, "patiente")
    sendmail(postfix, letter(INNOCENT, 2), COLLEAGUE, "voisine")
    for port in (postfix.port, postfix.forgetful):
        for path in PATHS:
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
                client.ehlo()
                client.mail(HURRIED, ["BODY=8BITMIME"])
                for one in (f"<{COLLEAGUE}>", *path.split()):
                    assert client.docmd(f"RCPT TO:{one}")[0] == 250
                assert client.data(letter(LEAK, 2))[0] == 250
    tries = 1 + 2 * len(PATHS)
    assert len(arrived(internet, COLLEAGUE, tries + 1)) == tries + 1
    assert len(arrived(internet, f"voisine@{MTA}")) == 1
    eventually(lambda: empty(postfix))
    sealed = [taken for taken in internet.taken if SEALED in taken.content]
    asked = gateway.held()  # of those that resemble one written to before
    assert len(sealed) + len(asked) == tries, "each that was to be stopped"
    clear = [taken.rcpts for taken in internet.taken if NIR.encode() in taken.content]
    assert len(clear) == tries, clear
    assert all(len(rcpts) == 1 and COLLEAGUE in rcpts[0] for rcpts in clear), clear


@pytest.mark.e2e
def test_the_same_mail_sent_anew_at_a_milter_is_a_new_mail(behind, internet):
    """Postfix aborts at the milter after each mail: that says nothing of our answer."""
    postfix, _ = behind("milter")
    to = "encore@exemple.example"  # nobody else's: what is sent last arrives when it likes
    sent = letter(LEAK, 3, to=to)
    assert send(postfix.port, sent, to) == 250
    arrived(internet, to)

    def another() -> bool:  # once the abort has come and the first is forgotten
        assert send(postfix.port, sent, to) == 250
        return len(internet.for_(to)) >= 2

    eventually(another, "swallowed as a retry")


@pytest.mark.e2e
@pytest.mark.parametrize("sender", ["", SENDER], ids=["null sender", "ours"])
def test_two_of_three_held_at_a_milter(behind, internet, sender):
    """One address in UTF-8: whoever is left gets it from us, by a hop that must say so, too."""
    postfix, gateway = behind("milter")
    sent = letter("Liste :\r\n" + "".join(f"{nir}\r\n" for nir in made_nirs(12)), 6)
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        client.mail(sender, ["SMTPUTF8", "BODY=8BITMIME", "RET=HDRS"])
        for path in ("éloïse@exemple.example", COLLEAGUE, OUTSIDE):
            client.sock.sendall(f"RCPT TO:<{path}> NOTIFY=NEVER\r\n".encode())
            assert client.getreply()[0] == 250
        assert client.data(sent)[0] == 250
    [got] = arrived(internet, COLLEAGUE)
    assert got.content.endswith(sent)
    assert f"MAIL FROM:<{sender}>" in got.mail
    assert "RET=HDRS" in got.mail
    assert ["NOTIFY=NEVER" in rcpt for rcpt in got.rcpts] == [True]
    held = {name for one in gateway.held() for name in one["recipients"]}
    assert held == {"éloïse@exemple.example", OUTSIDE}
    eventually(lambda: empty(postfix))
    assert not internet.for_(OUTSIDE)


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


@pytest.mark.e2e
def test_what_passes_keeps_its_signatures_and_its_wishes(house, internet, tmp_path):
    """DKIM of both kinds, verified at the far end by OpenDKIM; RET, ENVID, NOTIFY and ORCPT as they
    were given. One mail without its own, which nobody signs."""
    postfix, _ = house
    made = [signing.made("rsa"), signing.made("ed25519")]
    signed = [signing.signer().sign(one, "ch.example") for one in signing.ODD_SHAPES.values()]
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        for number, content in enumerate([*signed, signing.ODD_SHAPES["plain"]]):
            wishes = ["BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", f"ENVID=n+2B{number:02}"]
            assert client.mail(SENDER, wishes)[0] == 250
            whom = ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;autre+2Bnom@exemple.example"]
            assert client.rcpt(OUTSIDE, whom)[0] == 250
            assert client.data(content)[0] == 250
    got = arrived(internet, OUTSIDE, len(signed) + 1)
    by_number = {one.mail.partition("ENVID=n+2B")[2][:2]: one for one in got}
    *last, bare = [by_number[key].content for key in sorted(by_number)]
    told = opendkim.verdicts(tmp_path, {one.name: one.record for one in made}, last)
    right = {shape: {"r1": "pass", "e1": "pass"} for shape in signing.ODD_SHAPES}
    assert dict(zip(signing.ODD_SHAPES, told, strict=True)) == right
    assert b"DKIM-Signature" not in bare
    assert b"ARC-" not in bare
    for one in got:
        assert "RET=HDRS" in one.mail
        [rcpt] = one.rcpts
        assert {"NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;autre+2Bnom@exemple.example"} <= {
            *rcpt.split()
        }
    eventually(lambda: empty(postfix))


@pytest.mark.e2e
def test_a_held_mail_is_not_reported_as_relayed(house, internet):
    """NOTIFY=SUCCESS: whoever takes the mail answers for the report, and it has not arrived."""
    postfix, gateway = house
    many = "".join(f"{nir}\r\n" for nir in made_nirs(12))
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        assert client.mail(SENDER, ["BODY=8BITMIME", "RET=HDRS"])[0] == 250
        assert client.rcpt(OUTSIDE, ["NOTIFY=SUCCESS,FAILURE"])[0] == 250
        assert client.data(letter("Liste :\r\n" + many))[0] == 250
    [line] = eventually(lambda: gateway.lines("mail"))
    assert [one["order"] for one in line["recipients"]] == ["quarantine"]
    eventually(lambda: empty(postfix))
    reports = [one for one in internet.taken if b"report-type=delivery-status" in one.content]
    assert reports == []


# Where is my mail?


@pytest.mark.e2e
def test_a_mail_is_traced_by_what_either_side_calls_it(house, internet):
    postfix, gateway = house
    sent = letter(INNOCENT, 11)
    assert send(postfix.port, sent, OUTSIDE) == 250
    assert arrived(internet, OUTSIDE)
    [line] = eventually(lambda: gateway.lines("mail"))
    queued = line["recipients"][0].get("hop", "").split(" ")[2:]
    name = {
        "before-queue": "".join(queued),  # Postfix has no id yet: the one it gave it afterwards
        "after-queue": line["queue_id"],
        "milter": re.search(r"Message-ID: (\S+)", sent.decode())[1],
    }[postfix.set_up]
    assert name, line
    told = gateway.command("trace", name)
    assert f"{line['id']} : reçu par la porte {line['door']}" in told
    assert "laissé passer" in told
    if queued:
        assert re.search(rf"\b{queued[0]}: ", postfix.log()), "the id is Postfix's own"


# Out of the path and back: the commands of the page, as they stand there

PAGE = Path(__file__).parents[2] / "docs" / "operateur" / "contournement.md"
CHAPTERS = {"before-queue": "smtp", "after-queue": "lmtp", "milter": "milter"}


def recipe(postfix: Postfix) -> list[str]:
    """Out, and back; with our ports in place of those of the page."""
    page = PAGE.read_text("utf-8")
    chapter = page.partition(f"## Porte {CHAPTERS[postfix.set_up]}")[2].partition("\n## ")[0]
    found = re.findall(r"^```sh\n(.*?)^```", chapter, re.MULTILINE | re.DOTALL)
    ports = {"before-queue": ":10025", "after-queue": ":10024", "milter": ":10023"}
    service = f"127.0.0.1:{postfix.port}/inet"
    return [
        text.replace(ports[postfix.set_up], f":{postfix.gateway}").replace("smtp/inet", service)
        for text in found
    ]


def carry_out(postfix: Postfix, commands: str) -> None:
    subprocess.run(
        ["sh", "-e", "-c", commands],
        env={**os.environ, "MAIL_CONFIG": str(postfix.root / "conf")},
        check=True,
        capture_output=True,
        timeout=120,
    )


@pytest.mark.e2e
def test_the_recipes_of_the_page_lead_past_the_gateway_and_back(house, internet):
    """Told by a mail that the gateway never lets out in clear: it does, then it does not."""
    postfix, gateway = house
    out, back = recipe(postfix)
    numbers = iter(range(100, 200))

    def passes_in_clear() -> bool:
        sent = letter(LEAK, next(numbers))
        # A Postfix that is just being told of its settings may ask any client to come again.
        eventually(lambda: send_or_fail(postfix.port, sent) == 250)
        subject = sent.split(b"\r\nMessage-ID")[1].split(b"\r\n")[0]
        of_it = lambda: [t for t in internet.taken if subject in t.content]  # noqa: E731
        return any(NIR.encode() in taken.content for taken in eventually(of_it))

    try:
        assert not passes_in_clear()
        carry_out(postfix, out)
        eventually(passes_in_clear, "mail flows, and nobody reads it")
        seen = len(gateway.lines("mail"))
        assert passes_in_clear()
        assert len(gateway.lines("mail")) == seen
    finally:
        carry_out(postfix, back)
    eventually(lambda: not passes_in_clear(), "it is read again")
    eventually(lambda: empty(postfix))


MEANT = f"marie.dupont@{OURS}"
WRITTEN, KEPT = "marie.dupond@exemple.example", "marie.duponf@exemple.example"  # one letter off


@pytest.fixture
def known(house, tmp_path):
    """Where MEANT is known to be a colleague."""
    staff = tmp_path / "staff.csv"
    staff.write_text(f"{MEANT}\n{SENDER}\n")
    house[1].command("directory", "import", str(staff))
    return house


def told(gateway, internet):
    """The mail that is held, and what its sender's letter leads to."""
    [held] = eventually(gateway.held)
    code = held["id"].encode()

    def letter_of_it():
        return [one.content for one in internet.for_(SENDER) if code in one.content]

    return held, link_in(eventually(letter_of_it, "no letter")[0])


@pytest.mark.e2e
def test_one_record_to_an_address_that_looks_like_a_colleague_s(known, internet):
    """S1: its sender is asked, a robot's look answers nothing, and what he answers is done once."""
    postfix, gateway = known
    assert send(postfix.port, letter(LEAK, to=WRITTEN), WRITTEN) == 250
    held, (path, ticket) = told(gateway, internet)
    assert held["awaits"] == "confirm"
    assert path == f"/q/{held['id']}"
    pages = Pages(gateway)
    for _ in range(3):
        shown = pages.get(path, ticket)
        assert MEANT in shown.text
        assert WRITTEN in shown.text
    assert gateway.held()[0]["state"] == "held"
    for _ in range(2):  # two clicks
        pages.post(path, ticket, "plutot", position="0", lequel="0")
    [got] = arrived(internet, MEANT)
    assert NIR.encode() in got.content, "the mail itself, as it was written"
    eventually(lambda: empty(postfix))
    assert internet.for_(WRITTEN) == []
    assert len(internet.for_(MEANT)) == 1


@pytest.mark.e2e
def test_an_address_that_its_sender_keeps_gets_the_record_sealed(known, internet):
    """Doubt about the recipient comes first, then encryption."""
    postfix, gateway = known
    assert send(postfix.port, letter(LEAK, to=KEPT), KEPT) == 250
    _, (path, ticket) = told(gateway, internet)
    pages = Pages(gateway)
    assert pages.post(path, ticket, "garder", position="0", nom="Dupont").status_code == 422
    assert internet.for_(KEPT) == []
    assert pages.post(path, ticket, "garder", position="0", nom="Duponf").status_code == 303
    [got] = arrived(internet, KEPT)
    assert SEALED in got.content
    assert b"TESTEUR" not in got.content
    eventually(lambda: empty(postfix))


@pytest.mark.e2e
def test_a_file_of_many_to_such_an_address_is_an_officer_s_matter(known, internet):
    """S2: some twenty patients' télétransmission; its sender mends the address."""
    postfix, gateway = known
    rng = Random(20230606)
    lines = "\r\n".join(f"TESTEUR{n:02d} ANNE;{identifiers.nir(rng)};14/09/1985" for n in range(21))
    content = f"télétransmission 06/06\r\n\r\nNOM;NIR;NAISSANCE\r\n{lines}\r\n"
    assert send(postfix.port, letter(content, to=WRITTEN), WRITTEN) == 250
    held, (path, ticket) = told(gateway, internet)
    assert held["awaits"] == ""
    assert path == f"/m/{held['id']}"
    said = Pages(gateway).post(path, ticket, "corriger", position="0", adresse=MEANT)
    assert said.status_code == 303
    assert arrived(internet, MEANT)
    eventually(lambda: empty(postfix))
    assert internet.for_(WRITTEN) == []


@pytest.mark.e2e
def test_a_record_that_others_must_read_first_leaves_once_enough_of_them_agree(house, internet):
    """Never by its sender's own word, though he reads for that group; sealed, as rules say."""
    postfix, gateway = house
    to = f"mairie@{REREAD}"
    pages = Pages(gateway)  # first of all: where nobody may agree, it goes to an officer at once
    agent, ana, bo = (pages.enter(name, "reviewer") for name in ("agent", "ana", "bo"))
    assert send(postfix.port, letter(LEAK, to=to), to) == 250
    word = arrived(internet, SENDER)[-1]
    assert NIR.encode() not in word.content
    [held] = gateway.held()
    assert held["awaits"] == "review"
    path = f"/dossiers/{held['id']}/avis"
    for person in (agent, ana, ana, agent):
        person.fills(path, avis="accord", mots="la bonne personne")
    eventually(lambda: empty(postfix))
    assert gateway.held()[0]["awaits"] == "review", "his own word, and one said twice"
    assert internet.for_(to) == []
    assert bo.fills(path, avis="accord", mots="je la connais").status_code == 303
    [got] = arrived(internet, to)
    assert SEALED in got.content
    arrived(internet, SENDER, 2)  # the password, which no later test is to find
    assert gateway.held() == []
    eventually(lambda: empty(postfix))
