"""The key of keyed hashes is changed, and nothing that was hashed before is lost."""

import asyncio
import os
from dataclasses import replace

import pytest

from gateway.console.access import is_own
from gateway.errors import Misconfigured
from gateway.inspection import fingerprint
from gateway.model import (
    DEFAULT_LIMITS,
    Disposition,
    Hit,
    Likelihood,
    Place,
    Reading,
    Receipt,
    Reply,
)
from gateway.sandbox.inspector import DoorInspector
from gateway.store import hmac_key
from gateway.store.accounts import Accounts
from gateway.store.appeals import Appeals
from gateway.store.custody import StoreCustody
from gateway.store.holds import Holds
from gateway.store.identities import Identities, Person
from gateway.store.keys import address_hash, address_hashes, load_hmac, make_keys
from gateway.store.memory import StoreMemory
from gateway.store.passkeys import Passkeys
from gateway.store.queue import Filter, Order, Queue
from gateway.store.tickets import ticket
from tests.makers.held import SENDER, TO, a_hold, a_mail

DONE = Reply(250, "2.0.0", ("Ok",))


def rotated(store):
    """Before, after."""
    before = load_hmac(store.directory / "keys")
    hmac_key.replace(store.directory / "keys")
    return before, load_hmac(store.directory / "keys")


def custody(store, key):
    return StoreCustody(store.database, store.custody._blobs, store.public, key, clock=store.clock)


def test_the_new_key_is_another_and_the_old_ones_are_kept_the_latest_first(tmp_path):
    make_keys(tmp_path)
    first = load_hmac(tmp_path)
    hmac_key.replace(tmp_path)
    second = load_hmac(tmp_path)
    for path in tmp_path.glob("*.former.key"):
        os.utime(path, (1, 1))
    hmac_key.replace(tmp_path)
    third = load_hmac(tmp_path)
    assert len({bytes(first), bytes(second), bytes(third)}) == 3
    assert first.former == ()
    assert third.former == (bytes(second), bytes(first))
    assert hmac_key.honoured(third) == (third, second, first)


def test_its_files_are_for_the_same_readers(tmp_path):
    make_keys(tmp_path)
    (tmp_path / "hmac.key").chmod(0o440)
    former = hmac_key.replace(tmp_path)
    for path in (tmp_path / "hmac.key", former):
        assert path.stat().st_mode & 0o777 == 0o440
    assert not list(tmp_path.glob(".*")), "no draft is left"


@pytest.mark.parametrize("step", [1, 2])
def test_killed_on_the_way_the_key_is_the_old_one_or_the_new_one(tmp_path, monkeypatch, step):
    make_keys(tmp_path)
    before, calls, rename = load_hmac(tmp_path), [], os.rename

    def killed(source, target):
        calls.append(target)
        if len(calls) == step:
            raise KeyboardInterrupt
        rename(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            hmac_key.replace(tmp_path)
    assert bytes(load_hmac(tmp_path)) == bytes(before)
    hmac_key.replace(tmp_path)
    assert load_hmac(tmp_path).former == (bytes(before),)


def test_a_former_key_that_is_none_refuses_to_start(tmp_path):
    make_keys(tmp_path)
    hmac_key.replace(tmp_path).chmod(0o600)
    [former] = tmp_path.glob("*.former.key")
    former.write_bytes(b"short")
    with pytest.raises(Misconfigured, match="shorter"):
        load_hmac(tmp_path)


@pytest.mark.parametrize("answered", [False, True])
def test_a_retry_is_known_across_a_rotation_and_forgotten_too(store, answered):
    mail = a_mail()
    receipts = [Receipt(a, Disposition.QUARANTINE, DONE) for a in mail.envelope.addresses]

    async def go():
        before, after = rotated(store)
        old = StoreMemory(store.database, before, clock=store.clock)
        new = StoreMemory(store.database, after, clock=store.clock)
        await old.remember(mail, receipts[:1], answered=answered)
        one = await new.recall(mail)
        await new.remember(mail, receipts[1:], answered=answered)
        both = await new.recall(mail)
        await new.forget(mail)
        return one, both, await new.recall(mail), await store.rows("memory")

    one, both, none, rows = asyncio.run(go())
    assert list(one) == [receipts[0].recipient]
    assert set(both) == set(mail.envelope.addresses)
    assert (none, rows) == ({}, [])


def test_a_mail_held_before_is_found_by_address_and_its_link_opens(store):
    async def go():
        before, after = rotated(store)
        mail = a_mail()
        await custody(store, before).hold(mail, a_hold(mail), (), ())
        holds = Holds(store.database, store.custody._blobs, store.public, after, clock=store.clock)
        queue = Queue(store.database, store.public, after, clock=store.clock)
        [held] = await holds.find(SENDER)
        [same] = await holds.find(TO[0])
        [line] = await queue.page(Filter(address=TO[0]), Order.RISK)
        link = ticket(before, held.id, address_hash(before, SENDER), held.received)
        appeals = Appeals(store.database, store.public, after, clock=store.clock)
        assert held.id == same.id == line.held.id == mail.id
        assert appeals.opens(held, link)
        assert not appeals.opens(held, link[:-1] + "g")
        stranger = Appeals(store.database, store.public, os.urandom(32), clock=store.clock)
        assert not stranger.opens(held, link)

    asyncio.run(go())


@pytest.mark.parametrize("when", ["before", "after"])
def test_nobody_rules_on_his_own_mail_whenever_it_was_held(store, when):
    """An account knows its address by a hash of its own time, and nobody can hash it anew."""

    async def go():
        before, after = rotated(store)
        accounts = Accounts(store.database, store.public, before)
        await accounts.add("claire", ("officer",), address=SENDER, who="test")
        mail = a_mail()
        key = before if when == "before" else after
        await custody(store, key).hold(mail, a_hold(mail), (), ())
        account, held = await accounts.get("claire"), await store.holds.get(mail.id)
        assert is_own(account, held)

    asyncio.run(go())


def test_a_sender_without_an_account_is_hashed_under_the_new_key(store):
    async def go():
        _, after = rotated(store)
        mail = a_mail()
        await custody(store, after).hold(mail, a_hold(mail), (), ())
        held = await store.holds.get(mail.id)
        assert held.sender_hash == address_hash(after, SENDER)

    asyncio.run(go())


def test_whom_a_directory_tells_of_keeps_the_hash_that_his_mails_are_held_under(store):
    person = Person("ldap", "paul", address=SENDER, roles=("officer",))

    async def go():
        before, after = rotated(store)
        accounts = Accounts(store.database, store.public, after)
        assert await Identities(store.database, before).admit(person) == ""
        assert await Identities(store.database, after).admit(person) == ""
        kept = (await accounts.get("paul")).address_hash
        moved = replace(person, address="paul.nouveau@cpam.example")
        assert await Identities(store.database, after).admit(moved) == ""
        return before, after, kept, moved.address, (await accounts.get("paul")).address_hash

    before, after, kept, address, then = asyncio.run(go())
    assert kept == address_hash(before, SENDER)
    assert then == address_hash(after, address)


def test_a_passkey_registered_before_still_tells_whose_it_is(store):
    before, after = rotated(store)
    old, new = (Passkeys(store.database, store.public, key) for key in (before, after))
    assert old.handle("claire") in new.handles("claire")
    assert new.handle("claire") == new.handles("claire")[0] != old.handle("claire")
    assert old.handle("paul") not in new.handles("claire")


def test_a_value_let_pass_before_still_passes_and_no_other(store):
    before, after = rotated(store)
    place = Place("1")
    hits = tuple(
        Hit("iban", value, Likelihood.VERY_LIKELY, place)
        for value in ("FR7699999000010000000000149", "FR7699999000010000000000246")
    )
    ours = {fingerprint(before, "iban", hits[0].value)}

    class Said:
        async def read(self, content, limits, *, seconds):
            return Reading(hits=hits)

    inspector = DoorInspector(Said(), after, DEFAULT_LIMITS, frozenset(ours))
    mail = b"Content-Type: application/pdf\r\n\r\n%PDF-1.4"
    seen = asyncio.run(inspector.inspect(mail, seconds=60))
    [finding] = seen.findings
    assert finding.count == 1
    assert finding.fingerprints == (fingerprint(after, "iban", hits[1].value),)


def test_without_a_former_key_nothing_more_is_looked_up(tmp_path):
    make_keys(tmp_path)
    key = load_hmac(tmp_path)
    assert address_hashes(key, SENDER) == (address_hash(key, SENDER),)
