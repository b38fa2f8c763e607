"""Held mail for the MSSanté space, once released: under its sender's own address there."""

import asyncio
from dataclasses import replace

import pytest

from gateway.act.hop import Hop, Routes
from gateway.act.mssante import HandOver
from gateway.act.pass_on import PassOn
from gateway.act.relay import PooledRelay
from gateway.decide.places import Domains
from gateway.decide.space import Space
from gateway.model import Disposition
from gateway.store.schema import State
from tests.fakes import NextHop
from tests.makers.held import SENDER, a_hold, a_mail
from tests.release import a_release
from tests.stores import ANY, Store, fresh

DOCTOR, OUTSIDE = "dr@medecin.mssante.fr", "zoe.inventee@mail.example"
OWN = "agathe.fictive@chu.mssante.fr"
CONTENT = f"From: Agathe <{SENDER}>\r\n\r\nBonjour\r\n".encode()


@pytest.mark.parametrize(
    ("own", "state"), [({SENDER.lower(): OWN}, State.RELEASED), ({}, State.HELD)]
)
def test_it_goes_there_by_its_own_way_or_back_to_the_officer(tmp_path, own, state):
    store = Store(fresh(ANY, tmp_path), tmp_path)
    space = Space(
        Domains(["*.mssante.fr"]), Domains(["*.mssante.fr"]), lambda a: own.get(a.lower(), "")
    )

    async def go():
        async with NextHop() as internet, NextHop() as operator:
            ordinary = Hop("127.0.0.1", internet.port, tls="none")
            secure = (("*.mssante.fr", Hop("127.0.0.1", operator.port, tls="none")),)
            routes = Routes(ordinary, apart=("*.mssante.fr",), space=secure)
            mail = replace(a_mail(to=(DOCTOR, OUTSIDE)), content=CONTENT)
            await store.custody.hold(mail, a_hold(mail), (), ())
            await store.holds.release(mail.id, "dpo")
            release = a_release(store, internet.port)
            release.relay = PooledRelay(routes, hostname="gw.example", timeout=60)
            passing = PassOn(release.relay)
            release.passing = HandOver(space, release.relay, Disposition.PASS, passing)
            while await release.drain():
                pass
            await release.relay.close()
            held = await store.holds.get(mail.id)
            return internet.taken, operator.taken, [copy.state for copy in held.copies]

    outside, inside, states = asyncio.run(go())
    store.database.close()
    assert states == [state, State.RELEASED]
    assert [(one.mail.split(">")[0], one.rcpts[0].split(">")[0]) for one in outside] == [
        (f"MAIL FROM:<{SENDER}", f"RCPT TO:<{OUTSIDE}")
    ]
    assert outside[0].content.endswith(CONTENT)
    assert len(inside) == bool(own)
    for one in inside:
        assert one.mail.startswith(f"MAIL FROM:<{OWN}>")
        assert one.content.endswith(CONTENT.replace(SENDER.encode(), OWN.encode()))
