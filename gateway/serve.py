"""Builds every part from Config, starts and stops them: the processes of the gateway.

    python -m gateway.serve door    --config F --socket smtp=5 --status 7
    python -m gateway.serve release --config F --status 7

Run by `gateway.supervisor`, which inherits them the listening sockets and a status socket on which
they say "ready". Exit status 2: the configuration is wrong, and trying again will not help.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from gateway import hops, identifiers, ledger_parts, parts, retention_parts, waiting_parts
from gateway.act.encrypt import Channels
from gateway.act.notice import Notices
from gateway.act.pass_on import PassOn
from gateway.act.quarantine import Quarantine
from gateway.act.relay import PooledRelay
from gateway.act.stay import LeaveWithMta
from gateway.canary_rounds import Rounds
from gateway.clockwork import Clockwork
from gateway.config import Config, read_config
from gateway.detect import search
from gateway.errors import Misconfigured
from gateway.flow import Flow
from gateway.ledger import LearningJournal, Lessons
from gateway.means import (
    encryption,
    incident_taking,
    lookups,
    mssante_parts,
    portal_parts,
    refusals,
    siem_parts,
    texting,
    traces,
)
from gateway.model import Disposition
from gateway.ports import Journal
from gateway.process import become, die_with_parent, is_orphan, until_told
from gateway.release import Release
from gateway.sandbox.timed import TimedInspector
from gateway.sandbox.wall import READ, SandboxWall
from gateway.settle import Settle
from gateway.store import allowed, message_id
from gateway.store.blobs import Blobs
from gateway.store.bundles import Bundles
from gateway.store.custody import StoreCustody
from gateway.store.database import Database
from gateway.store.figures import Figures, Tally
from gateway.store.holds import Holds
from gateway.store.keys import (
    OpeningKey,
    SealingKey,
    address_hash,
    load_hmac,
    load_private,
    load_public,
    separated,
)
from gateway.store.memory import StoreMemory
from gateway.store.monitored import LetOut
from gateway.store.outbox import Outbox
from gateway.uncontrolled import Uncontrolled
from gateway.watch import log as logs
from gateway.watch.journal import Hasher, MailJournal
from gateway.watch.metrics import Metrics

Say = Callable[[Mapping[str, object]], None]


async def door(config: Config, sockets: Mapping[str, socket.socket], say: Say) -> None:
    """One door process: every protocol that has a socket. Returns after SIGTERM."""
    log = _log(config, "door")
    identifiers.install(config.identifiers)
    wall = _wall(config, log)
    await wall.start()  # before any key is in this process
    workshop = await encryption.workshop(config, log)
    search.warm()
    become(config, config.users.door)
    traces.begin(config, "door")
    metrics = Metrics()
    database, blobs = Database.open(config.database), parts.blobs(config)
    channels = parts.channels(config)
    rulebook = parts.Rulebook(config, channels)
    relay, let_out = hops.relay(config), _let_out(config, database)
    tally = Tally(Figures(database, parts.timezone(config)), let_out.flush)
    lessons = ledger_parts.lessons(config, database)
    telling = siem_parts.telling(config, database)
    journal = telling.journal(_journal(config, log, metrics, tally, let_out, lessons))
    heard, journal = incident_taking.hearing(config, database, log, journal)
    flow = _flow(
        config, wall, workshop, database, blobs, channels, rulebook, relay, journal, metrics, log
    )
    passing, stamp = flow.actions[Disposition.PASS], parts.stamp(config).on_changed
    staying = LeaveWithMta(passing, config.coverage_header, stamp)
    stay = mssante_parts.through(channels.means.space, relay, Disposition.PASS, staying)
    flows = {"milter": replace(flow, actions={**flow.actions, Disposition.PASS: stay})}
    doors = {name: parts.door(config, name, flows.get(name, flow), log) for name in sockets}
    stopping = until_told(lambda: _reload(rulebook, metrics, log, say))
    canary = parts.canary(config, wall, database, blobs, rulebook)
    rounds = Rounds(canary, config.canary.every, log, telling.canary(metrics.canary), say)
    await rounds.first(stopping)
    serving = [asyncio.create_task(doors[name].serve(sock)) for name, sock in sockets.items()]
    if not separated(config.keys):
        log.warning("keys not separated")
    metrics.rules_stale.set(0)
    counting = asyncio.gather(*(one.keep(stopping) for one in (tally, lessons, telling, heard)))
    flying = asyncio.create_task(rounds.keep(stopping))
    say({"event": "ready"})
    await stopping.wait()
    flying.cancel()
    await asyncio.gather(*(one.close() for one in doors.values()), *serving, counting)
    await asyncio.gather(tally.flush(), lessons.flush(), heard.flush())
    await asyncio.gather(relay.close(), wall.close(), workshop.close())
    database.close()


def _wall(config: Config, log: structlog.BoundLogger, read: str = READ, *warm: str) -> SandboxWall:
    return SandboxWall(
        read=read,
        user=config.sandbox.user,
        workers=config.sandbox.workers,
        spare=config.sandbox.workers,  # or every second message in a row waits for a fork
        memory_bytes=config.sandbox.memory,
        cpu_seconds=config.sandbox.cpu,
        warm=(*identifiers.warming(), *warm),
        tell=lambda what: log.warning("sandbox", what=what),
    )


def _flow(
    config: Config,
    wall: SandboxWall,
    workshop: encryption.Workshop,
    database: Database,
    blobs: Blobs,
    channels: Channels,
    rulebook: parts.Rulebook,
    relay: PooledRelay,
    journal: Journal,
    metrics: Metrics,
    log: structlog.BoundLogger,
) -> Flow:
    hmac_key = load_hmac(config.keys)
    memory = StoreMemory(database, hmac_key)
    custody = _custody(config, database, blobs, load_public(config.keys), hmac_key)
    notices = parts.notices(config, rulebook.title, hmac_key)
    business = parts.compartments(config).about
    deadlines = parts.deadlines(config)
    quarantine = Quarantine(custody, notices.held, deadlines, rulebook.grave, business)
    stamp, space = parts.stamp(config), mssante_parts.space(config)
    passing = PassOn(relay, config.coverage_header, stamp.on_changed)
    sealing = encryption.encrypt(config, workshop, channels, relay, custody, notices)
    through = partial(mssante_parts.through, space, relay)
    reporting = refusals.reporter(notices, str(config.hostname))
    return Flow(
        inspector=TimedInspector(
            wall, hmac_key, config.limits.of_inspection(), metrics, allowed.read(config.keys)
        ),
        judge=rulebook,
        actions={
            Disposition.PASS: through(Disposition.PASS, passing),
            Disposition.QUARANTINE: quarantine,
            Disposition.REJECT: refusals.reject(notices, space),
            Disposition.ENCRYPT: sealing,
            **waiting_parts.actions(config, custody, notices, rulebook, quarantine),
        },
        memory=memory,
        settle=Settle(memory, custody, quarantine, reporting, parts.ours(config)),
        journal=journal,
        ledger=ledger_parts.ledger(config, database, metrics.history),
        ahead=lookups.ahead(config, log),
    )


def _journal(
    config: Config,
    log: structlog.BoundLogger,
    metrics: Metrics,
    tally: Tally,
    let_out: LetOut,
    lessons: Lessons,
) -> Journal:
    hmac_key = load_hmac(config.keys)
    hashed = Hasher(lambda address: address_hash(hmac_key, address))
    named = partial(message_id.of_mail, hmac_key)
    return LearningJournal(MailJournal(log, metrics, hashed, tally, let_out, named), lessons)


def _let_out(config: Config, database: Database) -> LetOut:
    whose = parts.compartments(config)
    return LetOut(database, load_public(config.keys), whose.name_of, whose.is_hidden)


def _custody(
    config: Config,
    database: Database,
    blobs: Blobs,
    keys: Sequence[SealingKey],
    hmac_key: bytes,
) -> StoreCustody:
    whose = parts.compartments(config).name_of
    contents = parts.content_keys(config)
    return StoreCustody(
        database, blobs, keys, hmac_key, compartment_of=whose, content_keys=contents
    )


async def release(config: Config, say: Say) -> None:
    """The process that holds the private key. Returns after SIGTERM."""
    log = _log(config, "release")  # its file may be root's
    workshop = await encryption.workshop(config, log)
    become(config, config.users.release)
    traces.begin(config, "release")
    identifiers.install(config.identifiers)  # or rules that name them would have no title
    database, blobs = Database.open(config.database), parts.blobs(config)
    sealing, opening = load_public(config.keys), load_private(config.keys, parts.passphrase())
    hmac_key = load_hmac(config.keys)
    titles = parts.Titles(config)
    notices = parts.notices(config, titles, hmac_key)
    holds = Holds(database, blobs, sealing, hmac_key)
    relay, space = hops.relay(config), mssante_parts.space(config)
    clockwork = _clockwork(config, database, blobs, holds, notices, opening, log)
    lessons = ledger_parts.lessons(config, database)
    custody = _custody(config, database, blobs, sealing, hmac_key)
    journey = Release(
        outbox=Outbox(database),
        holds=holds,
        bundles=Bundles(database, hmac_key, hourly=config.notices.per_hour),
        relay=relay,
        notices=notices,
        opening=opening,
        sealing=sealing,
        log=log,
        owner=f"{socket.gethostname()}:{os.getpid()}",
        ticket=parts.tickets(hmac_key),
        learn=lessons,
        encrypt=encryption.of_held(config, workshop, relay, custody, notices),
        passing=mssante_parts.through(space, relay, Disposition.PASS, PassOn(relay)),
    )
    siem = siem_parts.watch(config, database, holds, opening, titles, log)
    stopping = until_told(siem.reload)
    carrying = asyncio.gather(
        *(one.keep(stopping) for one in (lessons, siem)),
        portal_parts.carry(config, database, opening, log, stopping),
    )
    say({"event": "ready"})
    await journey.run(stopping, clockwork)
    await carrying
    await lessons.flush()
    await relay.close()
    await workshop.close()
    database.close()


def _clockwork(
    config: Config,
    database: Database,
    blobs: Blobs,
    holds: Holds,
    notices: Notices,
    opening: Sequence[OpeningKey],
    log: structlog.BoundLogger,
) -> Clockwork:
    sealing = load_public(config.keys)
    return Clockwork(
        database=database,
        blobs=blobs,
        holds=holds,
        notices=notices,
        opening=opening,
        sealing=sealing,
        log=log,
        digest_hours=config.notices.digest,
        timezone=parts.timezone(config),
        key=load_hmac(config.keys),
        periods=retention_parts.periods(config),
        weekly=config.notices.weekly or "",
        duties=(
            Uncontrolled(database, notices, sealing, log),
            *lookups.care(config, database, notices, sealing, log),
            *waiting_parts.duties(config, database, sealing, opening, notices, log),
            ledger_parts.care(config, database, log),
            *ledger_parts.staff_care(config, database, log),
        ),
    )


async def console(config: Config, sockets: Mapping[str, socket.socket], say: Say) -> None:
    """The officers' pages. Opens the private key, as release does. Returns after SIGTERM."""
    # Here, not above: web server, passkeys and OpenID take a fifth of every door's start.
    from gateway.console import app, furnish, server

    log = _log(config, "console")
    identifiers.install(config.identifiers)
    wall = _wall(config, log, "gateway.preview:read", "gateway.rendering:warm")
    able = await _raised(wall, log)  # before any key is in this process
    become(config, config.users.release)
    database = Database.open(config.database)
    titles = parts.Titles(config)
    stopping = until_told(titles.reload)

    def reload() -> None:
        say({"event": "reload"})  # the supervisor's to do: it may be another's process

    desk = furnish.desk(config, database, titles, log, wall if able else None, reload)
    forgetting = asyncio.create_task(desk.coffer.watch(desk.sessions, stopping))
    say({"event": "ready"})
    await server.serve(app.build(desk), sockets["console"], stopping)
    await forgetting
    await wall.close()
    database.close()


async def portal(config: Config, sockets: Mapping[str, socket.socket], say: Say) -> None:
    """The recipients' pages: of keys it has public ones. Returns after SIGTERM."""
    from gateway.console import patience, server
    from gateway.portal import app, furnish

    log = _log(config, "portal")
    identifiers.install(config.identifiers)
    wall = _wall(config, log)
    able = await _raised(wall, log)
    sealing = load_public(config.keys)  # the folder is closed to this process's own user
    sms = texting.gateway(portal_parts.told(config).sms)
    become(config, config.users.portal, apart=True)
    desk = furnish.desk(config, sealing, sms, wall if able else None, log)
    stopping = until_told(lambda: None)
    say({"event": "ready"})
    await server.serve(app.build(desk), sockets["portal"], stopping, patience.UnhurriedProtocol)
    await wall.close()


async def _raised(wall: SandboxWall, log: structlog.BoundLogger) -> bool:
    """Without it, held mail is ruled on all the same, and not looked into."""
    try:
        await wall.start()
    except Misconfigured:
        log.error("no sandbox: held mail and answers cannot be looked into")
        return False
    return True


def _reload(
    rulebook: parts.Rulebook, metrics: Metrics, log: structlog.BoundLogger, say: Say
) -> None:
    """New rules or the old ones, loudly."""
    try:
        rulebook.reload()
    except Misconfigured as refusal:
        metrics.rules_stale.set(1)
        first, *_ = str(refusal).splitlines()
        log.error("rules refused", first=first.encode("ascii", "replace").decode()[:200])
        print(refusal, file=sys.stderr, flush=True)
        say({"event": "rules", "stale": True})
    else:
        metrics.rules_stale.set(0)
        log.info("rules loaded", rules=len(rulebook.rules.rules))
        say({"event": "rules", "stale": False})


def _log(config: Config, process: str) -> structlog.BoundLogger:
    told = config.log
    return logs.start(process, level=told.level, file=told.file, form=told.format)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m gateway.serve")
    parser.add_argument("role", choices=("door", "release", "console", "portal"))
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--socket", action="append", default=[], metavar="NAME=FD")
    parser.add_argument("--status", type=int, required=True)
    asked = parser.parse_args(arguments)
    die_with_parent()
    status = socket.socket(fileno=asked.status)
    if is_orphan(status):
        return 0

    def say(what: Mapping[str, object]) -> None:
        with contextlib.suppress(OSError):
            status.sendall(json.dumps(what).encode() + b"\n")

    sockets = {
        name: socket.socket(fileno=int(number))
        for name, _, number in (given.partition("=") for given in asked.socket)
    }
    try:
        config = read_config(asked.config)
        journeys = {
            "door": lambda: door(config, sockets, say),
            "release": lambda: release(config, say),
            "console": lambda: console(config, sockets, say),
            "portal": lambda: portal(config, sockets, say),
        }
        asyncio.run(journeys[asked.role]())
    except Misconfigured as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 2
    return 0


if __name__ == "__main__":
    time.tzset()
    sys.exit(main())
