"""OpenPGP keys looked for beside the inspection: what is asked, what is kept, what a mail waits."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
import structlog
from pysequoia import Tsk

from gateway.act import openpgp_key
from gateway.act.openpgp_keys import Keyring
from gateway.means import key_search
from gateway.means.found_keys import FoundKeys
from gateway.means.key_care import FORGOTTEN_SECONDS, KeyCare
from gateway.means.key_search import (
    ABSENT_SECONDS,
    AGAIN_SECONDS,
    AT_ONCE,
    KEPT_SECONDS,
    TAKEN_AT_ONCE,
    KeySearch,
)
from gateway.watch.metrics import openpgp_keys_expiring
from tests.makers import openpgp as keys
from tests.makers import sealing
from tests.release import Quiet
from tests.unit.act import test_autocrypt

MARIE, PAUL = "marie@cabinet.example", "paul@cabinet.example"
KEY = bytes(keys.public(MARIE))
SECRET = b"k" * 32


class Clock:
    def __init__(self):
        self.now = time.time()

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class Web:
    """What domains publish, instead of `published`. None: nobody answers."""

    def __init__(self, monkeypatch):
        self.keys, self.asked, self.slow = {}, [], None
        self.breaks = False
        monkeypatch.setattr(key_search, "published", self)

    async def __call__(self, site, address):
        self.asked.append(address)
        if self.slow:
            await self.slow.wait()
        if self.breaks:
            raise TypeError(address)
        return self.keys.get(address, b"")


@pytest.fixture
def web(monkeypatch):
    return Web(monkeypatch)


@pytest.fixture
def search(tmp_path, clock):
    return KeySearch(
        lambda address: address.endswith("@ch.example"),
        FoundKeys(tmp_path, SECRET, "wkd", clock),
        FoundKeys(tmp_path, SECRET, "autocrypt", clock),
        structlog.get_logger(),
        site=object(),
        clock=clock,
    )


def looked(search, *to):
    asyncio.run(search(sealing.mail(to=to or (MARIE,))))


def test_a_published_key_is_kept_and_used(search, web, clock):
    web.keys[MARIE] = KEY
    looked(search, MARIE.upper(), MARIE, "in@ch.example")
    assert web.asked == [MARIE]  # once, and nobody of ours
    ring = Keyring(None, [search.fetched], clock=clock)
    assert ring.find(MARIE).fingerprint == keys.public(MARIE).fingerprint
    assert ring.find(PAUL) is None


def test_a_key_of_somebody_else_is_no_key(search, web, clock):
    web.keys[PAUL] = KEY
    looked(search, PAUL)
    assert Keyring(None, [search.fetched], clock=clock).find(PAUL) is None


def test_a_domain_may_publish_what_it_revoked_beside_what_is_new(search, web, clock):
    new = Tsk.generate(f"Marie <{MARIE}>").extract_certificate()
    web.keys[MARIE] = bytes(keys.revoked(MARIE)) + bytes(new)
    looked(search)
    ring = Keyring(None, [search.fetched], clock=clock)
    clock.now += 60  # it was made later than this clock
    assert ring.find(MARIE).fingerprint == new.fingerprint


def test_what_was_found_is_read_once_until_it_is_replaced(search, monkeypatch, clock):
    read, reading = [], openpgp_key.read
    monkeypatch.setattr(openpgp_key, "read", lambda data: read.append(data) or reading(data))
    search.fetched.keep(MARIE, KEY, 60.0)
    assert [len(search.fetched.find(MARIE)) for _ in range(3)] == [1, 1, 1]
    assert len(read) == 1
    search.fetched.keep(MARIE, b"", 60.0)
    assert not search.fetched.find(MARIE)
    search.fetched.keep(MARIE, KEY, 60.0)
    clock.now += 60.0
    assert not search.fetched.find(MARIE)


@pytest.mark.parametrize(
    ("answer", "seconds"), [(KEY, KEPT_SECONDS), (b"", ABSENT_SECONDS), (None, AGAIN_SECONDS)]
)
def test_what_was_answered_is_asked_again_in_its_time(search, web, clock, answer, seconds):
    web.keys[MARIE] = answer
    looked(search)
    clock.now += seconds - 1
    looked(search)
    assert web.asked == [MARIE]
    clock.now += 2
    assert not search.fetched.find(MARIE)
    looked(search)
    assert web.asked == [MARIE, MARIE]


def test_a_slow_domain_serves_the_next_mail(search, web, monkeypatch):
    monkeypatch.setattr(key_search, "WAIT_SECONDS", 0.01)
    web.keys[MARIE] = KEY

    async def run():
        web.slow = asyncio.Event()
        await search(sealing.mail(to=(MARIE,)))
        assert not search.fetched.find(MARIE)
        web.slow.set()
        await asyncio.wait(search._under_way.values())
        await search(sealing.mail(to=(MARIE,)))

    asyncio.run(run())
    assert web.asked == [MARIE]
    assert search.fetched.find(MARIE)


def test_what_breaks_there_neither_keeps_the_mail_nor_tells_of_it(search, web):
    web.breaks = True
    told = Quiet()
    search.log = told
    looked(search)
    assert not search._under_way
    [said] = told.said("look-up failed")
    assert said["error"] == "TypeError"
    assert MARIE not in str(told.lines)


def test_few_questions_are_out_at_a_time(search, web, monkeypatch):
    monkeypatch.setattr(key_search, "WAIT_SECONDS", 0.01)

    async def run():
        web.slow = asyncio.Event()
        await search(sealing.mail(to=tuple(f"{n}@cabinet.example" for n in range(50))))
        assert len(web.asked) == AT_ONCE
        web.slow.set()
        await asyncio.wait(search._under_way.values())

    asyncio.run(run())
    assert len(web.asked) == 50


def test_a_mail_does_not_wait_for_the_keys_of_its_signatures(search, monkeypatch):
    """Whoever wrote it chose which names of the DNS are asked for."""
    monkeypatch.setattr(key_search, "WAIT_SECONDS", 0.01)
    answers = threading.Event()

    class Silent:
        def for_one_mail(self):
            return lambda name: answers.wait(60) and None

    search.site, search.resolver = None, Silent()
    hers = test_autocrypt.mail(test_autocrypt.field())

    async def run():
        for _ in range(TAKEN_AT_ONCE + 2):
            await search(hers)
        assert len(search._taking) == TAKEN_AT_ONCE
        answers.set()
        await asyncio.wait(search._taking)

    asyncio.run(run())


def test_a_mail_from_outside_brings_its_authors_key(search, monkeypatch, clock):
    class Answers:
        def for_one_mail(self):
            return lambda name: test_autocrypt.record()

    search.site, search.resolver = None, Answers()
    looked_at = test_autocrypt.mail(test_autocrypt.field())
    asyncio.run(search(looked_at))
    assert Keyring(None, [search.received], clock=clock).find(MARIE)
    assert search.fetched.held(MARIE) is None


def test_a_mail_of_ours_brings_none(search):
    search.site, search.resolver = None, object()  # asked, it would break
    looked(search)


def test_a_full_disk_loses_a_key_and_nothing_else(search, web, tmp_path):
    (tmp_path / "wkd").write_text("no folder")
    web.keys[MARIE] = KEY
    looked(search)
    assert not search.fetched.find(MARIE)


def test_neither_names_nor_contents_of_files_tell_whom_we_write_to(search, web, tmp_path):
    web.keys[MARIE] = KEY
    looked(search)
    [path] = (tmp_path / "wkd").iterdir()
    for word in (b"marie", b"cabinet", KEY[:20]):
        assert word not in path.name.encode() + path.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"x" * 50])
def test_a_damaged_file_is_none_and_another_key_reads_nothing(search, web, tmp_path, damage):
    web.keys[MARIE] = KEY
    looked(search)
    assert FoundKeys(tmp_path, b"x" * 32, "wkd").held(MARIE) is None
    [path] = (tmp_path / "wkd").iterdir()
    path.write_bytes(damage)
    assert search.fetched.held(MARIE) is None


def test_care_counts_what_ends_soon_and_forgets_what_was_found_long_ago(search, web, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "a.asc").write_bytes(bytes(keys.expired(MARIE, days=3)))
    (folder / "b.asc").write_bytes(bytes(keys.public(PAUL)))
    looked(search)
    expiring = openpgp_keys_expiring()
    care = KeyCare(Keyring(folder), [search.fetched], expiring, warn_days=30)
    asyncio.run(care(time.time()))
    assert expiring.collect()[0].samples[0].value == 1
    assert len(list((tmp_path / "wkd").iterdir())) == 1
    search.fetched._clock = lambda: time.time() + FORGOTTEN_SECONDS + 60
    asyncio.run(care(time.time() + 7200))
    assert list((tmp_path / "wkd").iterdir()) == []
