"""A held mail is found by its names, on both databases."""

from __future__ import annotations

import asyncio

from gateway.store import message_id
from gateway.store.trace import Trace
from tests.makers.held import a_hold, a_mail

NAME = b"<dupont.20260914@chu.example>"


def test_by_the_hash_of_its_message_id_whole_or_as_the_log_has_it(store):
    async def run():
        content = b"Message-ID: " + NAME + b"\r\nSubject: x\r\n\r\nbonjour\r\n"
        other = a_mail("8M3G-1ABC", content=content.replace(b"dupont", b"durand"))
        for mail in (a_mail(content=content), other):
            await store.custody.hold(mail, a_hold(mail), (), ())
        hashed = message_id.of_id(store.hmac, NAME)
        trace = Trace(store.database)
        for digits in (hashed, hashed[:16]):
            assert await trace.codes("", [digits]) == {"7K2F-9QXD"}
        assert await trace.codes("", ["0" * 16]) == frozenset()
        assert await trace.codes("", [""]) == frozenset()

    asyncio.run(run())
