"""Key records over real DNS, from a server of our own."""

import asyncio

import pytest

from gateway.act.resolve import AGAIN_SECONDS, MAX_LOOKUPS, Resolver
from gateway.act.verify import Unanswered
from tests.resolver import Fault, Zone

KEY = "v=DKIM1; k=ed25519; p=AAAA"
SAYS = {
    ("s1._domainkey.ch.example", "TXT"): [f'"{KEY}"'],
    ("cut._domainkey.ch.example", "TXT"): [f'"{KEY[:10]}" "{KEY[10:]}"'],
    ("beside._domainkey.ch.example", "TXT"): ['"v=spf1 -all"', f'"{KEY}"'],
    ("other._domainkey.ch.example", "TXT"): ['"v=spf1 -all"'],
    ("address._domainkey.ch.example", "A"): ["127.0.0.1"],
    ("away._domainkey.ch.example", "TXT"): Fault.SERVFAIL,
    ("still._domainkey.ch.example", "TXT"): Fault.SILENT,
}


def with_zone(talk, seconds=60.0, clock=None):
    """talk(resolver), in a thread; its result and the names asked."""

    async def run():
        async with Zone(SAYS) as zone:
            given = {"clock": clock} if clock else {}
            resolver = Resolver([("127.0.0.1", zone.port)], seconds, **given)
            return await asyncio.to_thread(talk, resolver), [name for name, _ in zone.asked]

    return asyncio.run(run())


def ask(*names):
    def talk(resolver):
        lookup = resolver.for_one_mail()
        return [lookup(name) for name in names]

    return talk


@pytest.mark.parametrize(
    ("selector", "record"),
    [
        ("s1", KEY.encode()),
        ("cut", KEY.encode()),
        ("beside", KEY.encode()),
        ("other", None),
        ("address", None),
        ("nowhere", None),
    ],
)
def test_a_record_or_none(selector, record):
    [found], _ = with_zone(ask(f"{selector}._domainkey.ch.example".encode()))
    assert found == record


def test_what_was_answered_is_not_asked_again_for_a_while():
    now = [0.0]

    def talk(resolver):
        for later in (0.0, 1.0, 1.0, 3_600.0):
            now[0] += later
            resolver.for_one_mail()(b"s1._domainkey.ch.example")

    _, asked = with_zone(talk, clock=lambda: now[0])
    assert len(asked) == 2


@pytest.mark.parametrize("name", [b"away._domainkey.ch.example", b"\xff", b"a" * 80 + b".example"])
def test_a_failure_is_no_answer(name):
    with pytest.raises(Unanswered):
        with_zone(ask(name), 0.5)


def test_a_silent_resolver_is_waited_for_once_a_mail():
    now = [0.0]

    def talk(resolver):
        lookup = resolver.for_one_mail()
        for name in (b"still._domainkey.ch.example", b"s1._domainkey.ch.example"):
            with pytest.raises(Unanswered):
                lookup(name)
            now[0] = 0.3

    _, asked = with_zone(talk, 0.2, clock=lambda: now[0])
    assert set(asked) == {"still._domainkey.ch.example"}


def test_a_name_without_an_answer_holds_up_one_mail_and_not_each_that_follows():
    now = [0.0]

    def talk(resolver):
        for later in (0.0, 1.0, 1.0, AGAIN_SECONDS):
            now[0] += later
            with pytest.raises(Unanswered):
                resolver.for_one_mail()(b"away._domainkey.ch.example")

    waited, ask_it = [], Resolver._ask

    def counted(self, name, seconds):
        waited.append(name)
        return ask_it(self, name, 0.2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Resolver, "_ask", counted)
        with_zone(talk, clock=lambda: now[0])
    assert len(waited) == 2


def test_one_mail_asks_so_many_questions_and_no_more():
    names = [b"s%d._domainkey.ch.example" % number for number in range(MAX_LOOKUPS)]

    def talk(resolver):
        lookup = resolver.for_one_mail()
        assert [lookup(name) for name in names[2:]] == [None] * (MAX_LOOKUPS - 2)
        assert lookup(b"s1._domainkey.ch.example") == KEY.encode()
        lookup(b"beside._domainkey.ch.example")
        with pytest.raises(Unanswered):
            lookup(b"more._domainkey.ch.example")

    _, asked = with_zone(talk)
    assert len(asked) == MAX_LOOKUPS
