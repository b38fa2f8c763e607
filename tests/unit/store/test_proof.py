"""The chain that proves what was erased: what breaks it, what does not, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from gateway.store import hmac_key
from gateway.store.events import beside, note
from gateway.store.hmac_key import HmacKey
from gateway.store.proof import Chain, Checked, check
from tests.makers.held import NOW

LINES = [("erased", "7K2F-9QX1"), ("erased", "7K2F-9QX2"), ("purged", ""), ("purged", "")]


async def written(store, lines=LINES, key=None):
    """Each in a transaction of its own."""
    for kind, hold in lines:
        await store.database.write(
            lambda c, kind=kind, hold=hold: Chain(c, key or store.hmac).add(
                kind, NOW, hold, {"holds": 2} if kind == "purged" else None
            )
        )


async def tampered(store, statement):
    """As somebody does who owns the database: nothing there stops him."""

    def work(connection):
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER IF EXISTS events_no_update"))
            connection.execute(text("DROP TRIGGER IF EXISTS events_no_delete"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))

    await store.database.write(work)


def checked(store, known="", key=None):
    return store.database.read(lambda c: check(c, key or store.hmac, known))


def test_lines_hold_each_other_whatever_stands_between(store):
    async def go():
        await store.database.write(lambda c: note(c, "purged", NOW, counts={"holds": 1}))  # before
        await written(store, LINES[:2])
        await store.database.write(lambda c: note(c, "held", NOW, "OTHER"))
        with beside(token="t"):
            await written(store, LINES[2:])
        return await checked(store)

    found = asyncio.run(go())
    assert replace(found, head="") == Checked(proven=4, unproven=1)
    assert found.sound


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE events SET at = at + 1 WHERE id = 2", 1),
        ("UPDATE events SET hold_id = 'AAAA-AAAA' WHERE id = 2", 1),
        ("UPDATE events SET kind = 'purged' WHERE id = 2", 1),
        ("UPDATE events SET detail = replace(detail, 'holds=2', 'holds=9') WHERE id = 3", 1),
        ("DELETE FROM events WHERE id = 2", 1),
        ("DELETE FROM events WHERE id = 1", 0),  # as the record does when it grows old
    ],
)
def test_a_line_changed_or_taken_out_is_seen(store, statement, broken):
    async def go():
        await written(store)
        await tampered(store, statement)
        return await checked(store)

    assert len(asyncio.run(go()).broken) == broken


def test_a_line_of_somebody_without_the_key_is_seen(store):
    async def go():
        await written(store)
        await written(store, LINES[:1], key=b"x" * 32)
        known = HmacKey(store.hmac)
        unknown = await checked(store)
        known.former = (b"x" * 32,)
        return unknown, await checked(store, key=known)

    unknown, known = asyncio.run(go())
    assert (unknown.proven, unknown.broken, unknown.sound) == (4, (5,), False)
    assert (known.proven, known.unkeyed) == (5, 0)


def test_lines_of_a_key_taken_away_stand_before_the_others(store):
    async def go():
        await written(store, LINES[:2], key=b"x" * 32)
        await written(store, LINES[2:])
        return await checked(store)

    found = asyncio.run(go())
    assert (found.proven, found.unkeyed, found.sound) == (2, 2, True)


@pytest.mark.parametrize("mark", ["key=", "proof="])
def test_a_changed_line_does_not_hide_behind_an_unknown_key_or_none(store, mark):
    async def go():
        await written(store)
        changed = "replace(replace(detail, 'holds=2', 'holds=9'), '{0}', '{0}0')"
        if mark == "proof=":
            changed = "'holds=9'"
        await tampered(store, f"UPDATE events SET detail = {changed.format(mark)} WHERE id = 4")
        return await checked(store)

    assert asyncio.run(go()).broken == (4,)


def test_a_forger_who_names_our_key_is_seen(store):
    async def go():
        await written(store)
        await store.database.write(
            lambda c: note(
                c,
                "purged",
                NOW,
                counts={"key": "0" * 8, "after": "0" * 32, "proof": "0" * 32},
            )
        )
        return await checked(store)

    assert asyncio.run(go()).broken == (5,)


def test_an_end_that_was_cut_off_is_seen_by_whoever_noted_its_proof(store):
    async def go():
        await written(store)
        noted = (await checked(store)).head
        there = await checked(store, noted)
        await tampered(store, "DELETE FROM events WHERE id = 4")
        return there, await checked(store, noted), await checked(store)

    there, cut, unaware = asyncio.run(go())
    assert there.sound
    assert not cut.sound
    assert unaware.sound, "the chain alone cannot know"


def test_the_chain_goes_on_over_a_change_of_key(store, tmp_path):
    async def go():
        await written(store)
        hmac_key.replace(tmp_path / "keys")
        await written(store, key=hmac_key.load(tmp_path / "keys"))
        return await checked(store, key=hmac_key.load(tmp_path / "keys"))

    assert asyncio.run(go()).proven == 8


def test_two_sweepers_write_one_chain(store):
    async def go():
        other = store.opened()
        await asyncio.gather(
            *(
                one.write(lambda c: Chain(c, store.hmac).add("purged", NOW))
                for one in (store.database, other) * 8
            )
        )
        other.close()
        return await checked(store)

    found = asyncio.run(go())
    assert (found.proven, found.broken) == (16, ())
