"""Trials in this process: mails under one fault, then their clients' retries, the officer's orders
and all that is due later without it; then the accounts.

    fault ─▶ client's first try | release's first look ─▶ retries ─▶ orders ─▶ drained ─▶ reckoned
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from gateway import flow, release
from gateway.act import relay, smtp_client
from tests.stores import Store, fresh
from tools.faults import faults, sink
from tools.faults.account import Account, Books, Kept, Told
from tools.faults.faults import AT_ONCE, BACKWARD, CLIENT, FORWARD, RELEASE, UNHEARD, Fault
from tools.faults.harm import Ground
from tools.faults.proxy import Proxy
from tools.faults.rig import NextHop, Rig, configuration
from tools.faults.traffic import KINDS, LATE_SECONDS, mail

DOORS = ("lmtp", "smtp")
JUMP_FORWARD_SECONDS = 7200.0  # past the hour for which an answered mail is remembered
JUMP_BACK_SECONDS = 86_400.0
HURRIED_SECONDS = 2.5  # a mail's deadline then
_HURRY = {
    flow: ("RESERVE_SECONDS", 1.0),
    relay: ("DOT_RESERVE_SECONDS", 0.5),
    smtp_client: ("DOT_RESERVE_SECONDS", 0.5),
    release: ("ATTEMPT_SECONDS", HURRIED_SECONDS),
}


@dataclass(slots=True)
class Struck:
    """One fault that struck, and what became of the mails it was meant for."""

    family: str
    name: str
    account: Account


@dataclass(slots=True)
class Place:
    """Where the trials of a batch take place: one store, one next hop, one clock. since: what the
    next hop had written down when the present trial began."""

    kind: str
    folder: Path
    hop: NextHop
    url: str
    direct: str
    proxy: Proxy | None = None
    now: float = 1_700_000_000.0
    since: int = 0

    def begin(self) -> None:
        self.since = sink.written(self.hop.journal)

    def store(self) -> Store:
        return Store(self.url, self.folder)


@contextlib.contextmanager
def place(kind: str, folder: Path, *, proxied: bool = True) -> Iterator[Place]:
    """proxied: on PostgreSQL, through a way that can be harmed. It has a thread: not for forks."""
    folder.mkdir(parents=True, exist_ok=True)
    hop = NextHop(folder / "sink.jsonl")
    hop.up()
    direct = fresh(kind, folder)
    with contextlib.ExitStack() as stack:
        stack.callback(hop.down)
        if kind == "sqlite" or not proxied:
            yield Place(kind, folder, hop, direct, direct)
            return
        before, _, server = direct.rpartition("host=")
        proxy = stack.enter_context(Proxy(Path(server), folder))
        yield Place(kind, folder, hop, f"{before}host={folder}", direct, proxy)


async def trials(where: Place, seed: str, count: int) -> list[Struck]:
    """Seeded choices among all faults in place; only those that struck are told of."""
    rng = Random(seed)
    known = [*faults.IN_PLACE, UNHEARD, AT_ONCE, FORWARD, BACKWARD]
    fit = [fault for fault in known if where.kind in fault.stores]
    found: list[Struck] = []
    store = where.store()
    async with rig_on(where, store) as one:
        for number in range(count):
            fault = rng.choice(fit)
            one.door = rng.choice(DOORS)
            struck = await trial(where, one, fault, rng, f"{seed}.{number}".replace(":", "-"))
            found += [struck] if struck else []
    store.close()
    return found


@contextlib.asynccontextmanager
async def rig_on(where: Place, store: Store, **more: object) -> AsyncIterator[Rig]:
    config = configuration(where.folder)
    one = Rig(config, store, where.hop.port, **more)  # type: ignore[arg-type]
    try:
        yield one
    finally:
        await one.close()


async def trial(where: Place, one: Rig, fault: Fault, rng: Random, name: str) -> Struck | None:
    told = [
        Told(mail(f"{name}.{n}", rng, rng.choice(fault.kinds or tuple(KINDS))))
        for n in range(rng.randint(1, 2))
    ]
    phase = rng.choice(fault.phases)
    where.begin()
    ground = Ground(one.store, where.direct, rng, where.proxy)
    if phase == CLIENT:
        await under(where, one, fault, ground, told)
    struck = ground.struck or any(each.later or each.cut for each in told)
    for each in told:
        await one.retried(each)
        await one.ordered(each, rng)
    if phase == RELEASE:
        struck = await _release_under(where, one, fault, ground) or ground.struck
    where.hop.forget()
    drained = await one.drained()
    account = await reckoned(where, one, told, fault)
    if not drained:
        account.wrong.append(f"the outbox does not empty: {name}")
    return Struck(fault.family, fault.name, account) if struck else None


async def under(where: Place, one: Rig, fault: Fault, ground: Ground, told: Sequence[Told]) -> None:
    """The clients' first tries, while the fault lasts."""
    if fault is FORWARD or fault is BACKWARD or fault is UNHEARD:
        for each in told:
            await one.brought(each, heard=False)
        ground.struck = True
    elif fault is AT_ONCE:
        await asyncio.gather(*(one.brought(each, heard=False) for each in told for _ in range(2)))
        ground.struck = True
    else:
        with struck_by(where, fault, ground):
            for each in told:
                await one.brought(each)
    _jump(one, fault)


@contextlib.contextmanager
def struck_by(where: Place, fault: Fault, ground: Ground) -> Iterator[None]:
    if fault.deed:
        before = sink.written(where.hop.journal)
        where.hop.does(fault.deed)
        yield
        ground.struck = bool(sink.read(where.hop.journal, before)[1])
    elif fault.harm:
        with fault.harm(ground):
            yield
    else:
        yield


def _jump(one: Rig, fault: Fault) -> None:
    if fault is FORWARD:
        one.store.now += JUMP_FORWARD_SECONDS
    if fault is BACKWARD:
        one.store.now -= JUMP_BACK_SECONDS


async def _release_under(where: Place, one: Rig, fault: Fault, ground: Ground) -> bool:
    """The first look at clock and outbox, while the fault lasts. Whether something was left."""
    one.store.now += LATE_SECONDS
    with struck_by(where, fault, ground), contextlib.suppress(Exception):
        await one.looked()
    _jump(one, fault)
    if fault in (FORWARD, BACKWARD):
        return True
    return await one.waits()


async def reckoned(where: Place, one: Rig, told: Sequence[Told], fault: Fault) -> Account:
    taken, _ = sink.read(where.hop.journal, where.since)
    kept: list[Kept] = []
    for each in told:
        kept += await one.kept(each)
    return Books(taken, kept).reckon(told, fault.about)


@contextlib.contextmanager
def hurried() -> Iterator[None]:
    """Shorter reserves, so that a next hop that stalls is given up on within seconds."""
    before = {module: getattr(module, name) for module, (name, _) in _HURRY.items()}
    for module, (name, seconds) in _HURRY.items():
        setattr(module, name, seconds)
    try:
        yield
    finally:
        for module, (name, _) in _HURRY.items():
            setattr(module, name, before[module])


async def stalled(where: Place, seed: str, count: int) -> list[Struck]:
    """Next hops that stall, each for as long as a mail's deadline, here short."""
    rng = Random(seed)
    store = where.store()
    found: list[Struck] = []
    with hurried():
        async with rig_on(where, store, seconds=HURRIED_SECONDS, timeout=1.0) as one:
            for number in range(count):
                one.door = rng.choice(DOORS)
                name = f"{seed}.{number}".replace(":", "-")
                struck = await trial(where, one, rng.choice(faults.STALLS), rng, name)
                found += [struck] if struck else []
    store.close()
    return found
