"""A run with real processes: seeded traffic, an officer, and something struck every other second.

The seed chooses mails, doors, victims and pauses; at which instruction a victim is met is up to the
machine. So a run is not repeated to the letter, but its accounts must balance whatever happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from random import Random

from gateway.errors import Temporary
from gateway.store.waits import awaiting
from tests.stores import Store
from tools.faults import sink
from tools.faults.account import Account, Books, Circumstances, Kept, Told, whole
from tools.faults.clients import delivered
from tools.faults.cluster import Cluster
from tools.faults.strikes import strike
from tools.faults.traffic import KINDS, mail

MAILS_A_SECOND = 4.0
PAUSE_SECONDS = (0.3, 1.5)  # between two strikes
DRAIN_SECONDS = 300.0
ABOUT = Circumstances(killed=True, store_away=True, late=True)


async def run(made: Cluster, seed: str, strikes: int) -> tuple[Counter[str], Account]:
    """Until so many strikes were made, every client knows and nothing waits."""
    rng, told = Random(seed), list[Told]()
    struck: Counter[str] = Counter()
    going, clients = asyncio.Event(), list[asyncio.Task[None]]()
    store = made.store()
    officer = asyncio.create_task(rules(store, Random(f"{seed} officer"), going))
    traffic = asyncio.create_task(_brings(made, seed, told, clients, going))
    while sum(struck.values()) < strikes:
        await asyncio.sleep(rng.uniform(*PAUSE_SECONDS))
        if what := await strike(made, rng):
            struck[what] += 1
    going.set()
    await traffic
    await asyncio.gather(*clients)
    await officer
    account = await balanced(made, store, told)
    store.database.close()
    return struck, account


async def _brings(
    made: Cluster,
    seed: str,
    told: list[Told],
    clients: list[asyncio.Task[None]],
    going: asyncio.Event,
) -> None:
    rng = Random(f"{seed} traffic")
    while not going.is_set():
        name = f"{seed}.{len(told)}".replace(":", "-")
        kind = rng.choice(list(KINDS))
        told.append(Told(mail(name, rng, kind, rich=rng.random() < 0.3)))
        client = delivered(told[-1], made.doors, Random(rng.random()))
        clients.append(asyncio.create_task(client))
        await _until(going, rng.expovariate(MAILS_A_SECOND))


async def rules(store: Store, rng: Random, going: asyncio.Event, *, share: float = 0.5) -> None:
    """The officer rules on mails held as soon as he sees them."""
    seen: set[str] = set()
    while not going.is_set():
        with contextlib.suppress(Exception):  # the store may be away: he comes again
            await ruled(store, rng, seen, share)
        await _until(going, 1.0)


async def ruled(store: Store, rng: Random, seen: set[str], share: float) -> None:
    """That share of those not seen before is released, some of them by a protected way."""
    store.now = time.time()
    for held in await store.holds.list():
        if held.awaits:  # it leaves by itself
            continue
        if held.id not in seen and rng.random() < share:
            await store.holds.release(held.id, "dpo", encrypted=rng.random() < 0.3)
        seen.add(held.id)


async def _until(going: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(going.wait(), seconds)


async def balanced(made: Cluster, store: Store, told: Sequence[Told]) -> Account:
    """The accounts, once nothing waits any more."""
    end = time.monotonic() + DRAIN_SECONDS
    left = True
    while left and time.monotonic() < end:
        with contextlib.suppress(Temporary):  # the database may be on its way back
            await made.let_time_pass(store)
            await asyncio.sleep(1.0)
            posted = (await store.outbox.counts()).waiting
            left = bool(posted or await awaiting(store.database))
    taken, _ = sink.read(made.hop.journal)
    account = Books(taken, await _kept(store)).reckon(told, ABOUT)
    if left:
        account.wrong.append("the outbox does not empty")
    return account


async def _kept(store: Store) -> list[Kept]:
    found: list[Kept] = []
    for held in await store.holds.list(limit=100_000):
        _, to = held.parties(store.private)
        try:
            content = whole(held.content(store.private, store.blobs))
        except Exception:  # what does not open is not kept
            content = ""
        states = [copy.state.value for copy in held.copies]
        found += [Kept(*each, content) for each in zip(to, states, strict=True)]
    return found
