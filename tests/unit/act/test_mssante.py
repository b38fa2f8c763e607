"""Hand-over into the MSSanté space: under the sender's own address, by that route alone."""

import asyncio
import ssl
from dataclasses import replace

import pytest
import trustme

from gateway.act import mssante
from gateway.act.encrypt import Channels
from gateway.act.hop import Hop, Routes
from gateway.act.mssante import HandOver
from gateway.act.relay import NO_WAY, PooledRelay
from gateway.act.stay import LeaveWithMta
from gateway.decide.places import Domains
from gateway.decide.space import Space
from gateway.model import Disposition, Inspection, Reply, Verdict
from tests.fakes import EXTENSIONS, NextHop
from tests.makers import judged, twelve
from tests.unit.act.test_pass_on import Diary

DOCTOR, PATIENT = "dr.test@medecin.mssante.fr", "279035121518989@patient.mssante.fr"
OUTSIDE = "copie@gmail.example"
OWN = "agent@chu.mssante.fr"
CONTENT = b"From: Agent <agent@chu.example>\r\nX-MSS-MES: FIN\r\n\r\n.Bonjour\xe9\r\n"
PASS, ENCRYPT = Disposition.PASS, Disposition.ENCRYPT


def space(**other):
    settings = {
        "domains": Domains(["*.mssante.fr"]),
        "routed": Domains(["*.mssante.fr"]),
        "sender": lambda address: OWN if address == "agent@chu.example" else "",
    }
    return Space(**settings | other)


class Others:
    """The action for everybody else."""

    def __init__(self):
        self.served = []

    async def __call__(self, mail, verdicts, seen):
        self.served += [verdict.recipient for verdict in verdicts]
        return ()


def a_mail(*to, **other):
    return replace(judged.mail(*to, content=CONTENT), trace=b"Received: by us\r\n", **other)


def handed(mail, relay, order=PASS, others=None, **other):
    action = HandOver(space(**other), relay, order, others or Others())
    verdicts = [Verdict(address, order) for address in mail.envelope.addresses]
    receipts = asyncio.run(action(mail, verdicts, Inspection()))
    return {one.recipient: one for one in receipts}


def test_it_goes_under_his_own_address_and_else_as_it_came():
    relay, mail = Diary(), a_mail(DOCTOR, PATIENT)
    options = ("BODY=8BITMIME", "AUTH=agent@chu.example", "RET=HDRS")
    mail = replace(mail, envelope=replace(mail.envelope, options=options))
    receipts = handed(mail, relay)
    [(envelope, content, _, route)] = relay.entries
    assert (envelope.sender, envelope.addresses, route) == (OWN, (DOCTOR, PATIENT), "mssante")
    assert envelope.options == ("BODY=8BITMIME", "RET=HDRS")
    assert content == mail.trace + CONTENT.replace(b"agent@chu.example", OWN.encode())
    assert {one.reply.code for one in receipts.values()} == {250}
    assert {(one.order, one.channel) for one in receipts.values()} == {(PASS, "mssante")}


def test_a_package_between_professionals_passes_byte_for_byte():
    sender = "service.cardio@ch-x.mssante.fr"
    content = twelve.exchange().replace(b"service@ch.example", sender.encode(), 1)
    mail = replace(judged.mail(DOCTOR, sender=sender, content=content), trace=b"Received: x\r\n")
    relay = Diary()
    handed(mail, relay)
    [(envelope, sent, _, _)] = relay.entries
    assert (envelope.sender, sent) == (sender, mail.trace + content)


@pytest.mark.parametrize("order", [PASS, ENCRYPT])
def test_everybody_else_is_served_by_the_order_itself(order):
    relay, others = Diary(), Others()
    handed(a_mail(OUTSIDE, DOCTOR), relay, order, others)
    assert others.served == [OUTSIDE]
    assert [entry[0].addresses for entry in relay.entries] == [(DOCTOR,)]
    handed(a_mail(OUTSIDE), relay, order, others)
    assert len(relay.entries) == 1


@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        ({"sender": lambda address: ""}, 550, "adresse MSSante"),
        ({"routed": Domains([])}, 550, "ne peut pas ecrire"),
        ({"listed": lambda domain: False}, 550, "liste blanche"),
        ({"listed": lambda domain: None}, 451, "liste blanche"),
    ],
)
def test_what_does_not_hold_any_more_keeps_it_back(other, code, words):
    """As for a mail that was held meanwhile."""
    relay = Diary()
    receipts = handed(a_mail(DOCTOR), relay, **other)
    assert relay.entries == []
    assert receipts[DOCTOR].reply.code == code
    assert words in " ".join(receipts[DOCTOR].reply.text)
    assert all(line.isascii() for line in receipts[DOCTOR].reply.text)


def test_who_writes_in_anothers_name_is_refused():
    relay = Diary()
    content = CONTENT.replace(b"agent@", b"directeur@")
    receipts = handed(replace(a_mail(DOCTOR), content=content), relay)
    assert relay.entries == []
    assert receipts[DOCTOR].reply == mssante.NOT_HIS


def test_nothing_of_it_stays_with_a_milters_mta():
    relay, others = Diary(), Others()
    staying = LeaveWithMta(others)
    action = HandOver(space(), relay, PASS, staying)
    mail = a_mail(OUTSIDE, DOCTOR)
    verdicts = [Verdict(address, PASS) for address in mail.envelope.addresses]
    receipts = asyncio.run(action(mail, verdicts, Inspection()))
    assert [one.reply.stay for one in receipts] == [None]
    assert others.served == [OUTSIDE], "he is sent to from here, since not all may stay"


class AnyCertificate:
    signer = None

    def find(self, address):
        raise AssertionError("no certificate is looked for")


def channels(**other):
    return Channels(
        certificates=AnyCertificate(),
        pdf=True,
        ours=lambda address: False,
        examine=lambda head: True,  # an INS in To, a name in Subject: nothing else may go out
        space=space(**other),
        chain=("smime", "pdf"),
    )


def test_no_other_channel_ever_fits_who_is_of_the_space():
    assert channels().choose(a_mail(PATIENT), PATIENT).name == "mssante"
    known = channels(sender=lambda address: "")
    choice = known.weigh(a_mail(PATIENT), PATIENT)
    assert choice.method is None
    assert [name for name, _ in choice.missed] == ["mssante"]


def test_it_fits_nobody_else():
    known = channels()
    assert not mssante.fits(known.means, a_mail(OUTSIDE), OUTSIDE)
    assert not mssante.fits(replace(known.means, space=None), a_mail(DOCTOR), DOCTOR)


AUTHORITY = trustme.CA()


def test_the_operator_is_met_over_tls_with_our_certificate(tmp_path):
    """And nobody else is met, whatever the route asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    AUTHORITY.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    ca, ours = tmp_path / "ca.pem", tmp_path / "ours.pem"
    AUTHORITY.cert_pem.write_to_path(ca)
    AUTHORITY.issue_cert("gw.example").private_key_and_cert_chain_pem.write_to_path(ours)

    async def go():
        offered = (*EXTENSIONS, "AUTH PLAIN")
        async with (
            NextHop(tls=context, implicit=True, extensions=offered) as operator,
            NextHop() as internet,
        ):
            secure = Hop(
                "127.0.0.1", operator.port, "verified", "implicit", auth=("ch-x", "secret"),
                client_certificate=str(ours), ca=str(ca),
            )  # fmt: skip
            clear = Hop("127.0.0.1", internet.port, tls="none")
            routes = Routes(
                clear,
                by_domain=(("*.fr", clear),),
                sealed=(("*", clear),),
                notices=clear,
                apart=("*.mssante.fr",),
                space=(("*.mssante.fr", secure),),
            )
            relay = PooledRelay(routes, hostname="gw.example")
            deadline = asyncio.get_running_loop().time() + 60
            mail = a_mail(DOCTOR, deadline=deadline)
            action = HandOver(space(), relay, PASS, Others())
            await action(mail, [Verdict(DOCTOR, PASS)], Inspection())
            for route in ("default", "sealed", "notices"):
                for address in (DOCTOR, f"{DOCTOR.upper()}."):
                    one = judged.mail(address).envelope
                    await relay.send(one, (CONTENT,), deadline=deadline, route=route)
            await relay.close()
            return operator, internet

    operator, internet = asyncio.run(go())
    assert internet.taken == []
    first, *others = operator.taken
    assert all(one.tls for one in operator.taken)
    assert first.mail.startswith(f"MAIL FROM:<{OWN}>")
    assert any(command.startswith("AUTH PLAIN") for command in operator.commands)
    assert len(others) == 6


def test_without_a_way_it_goes_nowhere():
    async def go():
        async with NextHop() as internet:
            clear = Hop("127.0.0.1", internet.port, tls="none")
            relay = PooledRelay(Routes(clear, apart=("*.mssante.fr",)), hostname="gw.example")
            deadline = asyncio.get_running_loop().time() + 60
            envelope = judged.mail(DOCTOR, OUTSIDE).envelope
            said = await relay.send(envelope, (CONTENT,), deadline=deadline)
            await relay.close()
            return {a: one.reply for a, one in said.items()}, internet.taken

    said, taken = asyncio.run(go())
    assert said[DOCTOR] == NO_WAY
    assert isinstance(said[OUTSIDE], Reply)
    assert said[OUTSIDE].accepted
    assert [one.rcpts for one in taken] == [(f"RCPT TO:<{OUTSIDE}>",)]
