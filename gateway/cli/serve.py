"""`vaguemestre serve`: the gateway itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import resource
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Set
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import structlog
import typer
from pydantic import ValidationError

from gateway import equipment, ledger_parts, parts
from gateway.act import alarm
from gateway.cli import pid_files
from gateway.cli.common import ConfigOption, clear_errors, configuration, fail
from gateway.cli.keys import lacking, missing
from gateway.config import Config, Metrics, demand_startable
from gateway.errors import Misconfigured
from gateway.inherited import demand_same, inherited
from gateway.manager import Manager
from gateway.means import portal_boxes
from gateway.store.bypass import Bypass
from gateway.store.database import Database
from gateway.store.digest import post_once
from gateway.store.holds import Counts, Holds
from gateway.store.incidents import Standing
from gateway.store.keys import DEFAULT, load_hmac, load_public, make_keys, of_compartment
from gateway.store.waits import awaiting
from gateway.supervisor import CONSOLE, Child, Supervisor, listen
from gateway.watch import log as logs
from gateway.watch.metrics import HeldNow

PROTOCOLS = ("smtp", "lmtp", "milter", "submission", "submissions")
PORTAL = "portal"
DESCRIPTORS = 65_536  # of each process, where the system allows them; its own idea may be 1024
STORE_SECONDS = 2.0  # a scrape does not wait longer for the store


class Role(StrEnum):
    """The processes of the gateway, each of which may have a service, a user and a machine of its
    own. The portal's sees no store of held mail, and of keys the public halves alone."""

    DOOR = "door"
    RELEASE = "release"
    CONSOLE = "console"
    PORTAL = "portal"


EVERY = frozenset(Role)


def serve(
    config: ConfigOption = None,
    only: Annotated[
        list[Role] | None, typer.Option("--only", help="These processes alone. May be repeated.")
    ] = None,
    metrics: Annotated[
        str | None, typer.Option("--metrics", metavar="ADDRESS:PORT", help="In place of `metrics`.")
    ] = None,
) -> None:
    """Run the gateway until SIGTERM. SIGHUP reads the rules anew."""
    with clear_errors():
        path = (config or Path("gateway.yaml")).absolute()
        settings = _measured(configuration(config), metrics)
        roles = frozenset(only) if only else EVERY
        demand_startable(settings)
        if roles != {Role.PORTAL}:
            _demand_keys(settings)
            parts.Rulebook(settings, None)  # refuse to start rather than start without rules
        status = asyncio.run(_serve(settings, path, roles))
    raise typer.Exit(status)


def _measured(settings: Config, listen: str | None) -> Config:
    if listen is None:
        return settings
    try:
        section = Metrics.model_validate({"listen": listen})
    except ValidationError:
        fail(f'--metrics {listen}: this is no address to listen on; write "127.0.0.1:9826"')
    return settings.model_copy(update={"metrics": section})


async def _serve(settings: Config, path: Path, roles: Set[Role]) -> int:
    told = settings.log
    log = logs.start("supervisor", level=told.level, file=told.file, form=told.format)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, DESCRIPTORS), most))
    settings.data.mkdir(parents=True, exist_ok=True)
    tell_lacks(log)
    sockets = _sockets(settings, roles, inherited(os.environ))
    named = () if roles == EVERY else roles
    home = portal_boxes.folder(settings) if roles == {Role.PORTAL} else settings.data
    figures = home / "-".join(("metrics", *sorted(named)))
    supervisor = Supervisor(
        log=log,
        metrics_address=_metrics_address(settings),
        figures=figures,
        held=lambda: None,
        children=_children(settings, path, sockets, roles),
        soon=lambda: _soon(settings),
        manager=Manager.of(os.environ),
    )
    pid_file = pid_files.of(home, named)
    with contextlib.ExitStack() as closing:
        for sock in sockets.values():
            closing.callback(sock.close)
        if roles != {Role.PORTAL}:
            database = _store(settings, figures, log)
            closing.callback(database.close)
            supervisor.held = _held(settings, database, asyncio.get_running_loop())
            supervisor.alarm = _alarm(settings, database)
        _share_portal(settings)
        pid_file.write_text(f"{os.getpid()}\n")
        closing.callback(pid_file.unlink, missing_ok=True)
        return await supervisor.run()


def _store(settings: Config, figures: Path, log: structlog.BoundLogger) -> Database:
    """With keys, which the very first start makes, and tables; where processes share it, so that
    all of them can."""
    if not any(settings.keys.glob("officer-*.pub")):
        try:
            for compartment in lacking(settings):
                make_keys(settings.keys, compartment=compartment)
        except OSError as error:
            told = "none is seen there, and none can be made; who runs this must be able to look in"
            raise Misconfigured(f"keys: {settings.keys}: {error.strerror}; {told}") from error
        log.warning("keys made", where=str(settings.keys), separated=False)
    database = Database.open(settings.database)
    _prepare(settings)
    _share(settings, figures)
    return database


def _soon(settings: Config) -> list[str]:
    """What will change of itself within days."""
    observation = parts.observation(settings)
    return [f"monitor ends on {observation.until}"] if observation.ends_soon(time.time()) else []


def _prepare(settings: Config) -> None:
    blobs = parts.blobs(settings)
    try:
        blobs.prepare()
    except OSError as error:
        raise Misconfigured(f"blobs: {error.strerror}") from error
    finally:
        blobs.close()


def _demand_keys(settings: Config) -> None:
    """Keys are made at the first start only: later, one of ours might be closed to the release
    user, and what is sealed to it to everybody."""
    if commands := missing(settings):
        remedy = "\n".join(commands)
        raise Misconfigured(f"compartments without a key; make it as it is to be read:\n{remedy}")


def tell_lacks(log: structlog.BoundLogger) -> None:
    """Once for all processes. What it means and what to do, `config check` says."""
    if lacking := equipment.lacks():
        names = ", ".join(lack.name for lack in lacking)
        log.warning("not all attachments can be read", missing=names, see="config check")


def _share(settings: Config, figures: Path) -> None:
    """Where they have users of their own, what doors and release write is theirs, by group: started
    by root, or each by the service manager as its user.

    The release user must be a member of the door user's group. Keys are `keys init`'s business.
    """
    if not settings.users.door:
        return
    figures.mkdir(exist_ok=True)
    shared = [figures, parts.folder_of_blobs(settings), *settings.data.glob("*.db*")]
    if os.getuid() == 0:
        entry = pwd.getpwnam(settings.users.door)
        shared.append(settings.data)
        for path in filter(Path.exists, shared):
            os.chown(path, entry.pw_uid, entry.pw_gid)
        os.umask(0o007)
    for path in filter(Path.exists, shared):
        if os.getuid() in (0, path.stat().st_uid):
            path.chmod(0o2770 if path.is_dir() else 0o660)


def _share_portal(settings: Config) -> None:
    """What doors, release and portal write together, by the portal user's group. That user gets
    through the folder above it, and sees nothing of what is there."""
    if settings.portal is None:
        return
    folder = portal_boxes.folder(settings)
    for name in (parts.BLOBS, portal_boxes.BOXES):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if os.getuid() != 0 or not (settings.users.door and settings.users.portal):
        return
    door, group = pwd.getpwnam(settings.users.door), pwd.getpwnam(settings.users.portal).pw_gid
    settings.data.chmod(0o2771)
    for path in (folder, *folder.iterdir()):
        os.chown(path, door.pw_uid, group)
        path.chmod(0o2770 if path.is_dir() else 0o660)


def _sockets(
    settings: Config, roles: Set[Role], given: Mapping[str, socket.socket]
) -> dict[str, socket.socket]:
    """Of the doors and pages that open here: the service manager's, else our own."""
    sections = {name: getattr(settings.doors, name) for name in PROTOCOLS}
    asked = {name: section for name, section in sections.items() if Role.DOOR in roles}
    asked |= {CONSOLE: settings.console} if Role.CONSOLE in roles else {}
    asked |= {PORTAL: settings.portal} if Role.PORTAL in roles else {}
    opened = {name: section.listen for name, section in asked.items() if section}
    if lost := given.keys() - opened:
        raise Misconfigured(
            f"systemd: a socket is named {', '.join(sorted(lost))}, and gateway.yaml opens "
            f"{', '.join(opened) or 'none'} here; disable its unit, or open it"
        )
    for name, sock in given.items():
        demand_same(name, sock, opened[name])
    return {name: given.get(name) or listen(where) for name, where in opened.items()}


def _children(
    settings: Config, path: Path, sockets: Mapping[str, socket.socket], roles: Set[Role]
) -> list[Child]:
    of_doors = {name: sock for name, sock in sockets.items() if name not in (CONSOLE, PORTAL)}
    given = [f"--socket={name}={sock.fileno()}" for name, sock in of_doors.items()]
    descriptors = tuple(sock.fileno() for sock in of_doors.values())
    doors = [
        Child(f"door {number + 1}", ("door", "--config", str(path), *given), descriptors)
        for number in range(settings.processes)
    ]
    children = doors if Role.DOOR in roles else []
    if Role.RELEASE in roles:
        children = [*children, Child("release", ("release", "--config", str(path)), ())]
    for pages in (CONSOLE, PORTAL):
        if sock := sockets.get(pages):
            told = f"--socket={pages}={sock.fileno()}"
            arguments = (pages, "--config", str(path), told)
            children.append(Child(pages, arguments, (sock.fileno(),)))
    return children


def _metrics_address(settings: Config) -> tuple[str, int]:
    if settings.metrics is None:
        return "127.0.0.1", 0
    return settings.metrics.listen.host, settings.metrics.listen.port


def _held(
    settings: Config, database: Database, loop: asyncio.AbstractEventLoop
) -> Callable[[], HeldNow | None]:
    """Gauges of the quarantine, for the metrics port's thread; None while the store is away."""
    public, hmac_key = load_public(settings.keys), load_hmac(settings.keys)
    holds = Holds(database, parts.blobs(settings), public, hmac_key)
    bypass = Bypass(database)

    said = ledger_parts.incidents(settings, database)

    async def every() -> tuple[Counts, float | None, Standing, Mapping[str, int]]:
        others = await said.standing(), await awaiting(database)
        return await holds.counts(), await bypass.since(), *others

    def now() -> HeldNow | None:
        try:
            asked = asyncio.run_coroutine_threadsafe(every(), loop)
            counts, since, incidents, waiting = asked.result(timeout=STORE_SECONDS)
        except Exception:  # whatever the store's trouble is, the other metrics go on
            return None
        return HeldNow(
            counts.messages,
            _age(counts.oldest),
            _age(since),
            incidents.by_kind,
            incidents.open,
            _age(incidents.oldest),
            waiting,
        )

    return now


def _age(since: float | None) -> float:
    """Seconds; never below 0, whatever became of the clock."""
    return 0.0 if since is None else max(0.0, time.time() - since)


def _alarm(settings: Config, database: Database) -> Callable[[list[str]], Awaitable[None]]:
    """A letter to the officers, once an hour however many processes and nodes ask for it."""
    officers = parts.compartments(settings).named(DEFAULT).officers
    keys = of_compartment(load_public(settings.keys), DEFAULT)

    async def tell(doors: list[str]) -> None:
        now = time.time()
        letter = alarm.unseen(now, sender=settings.notices_from, to=officers)
        letters = [(letter, keys)] if letter else []
        await post_once(database, letters, slot=now - now % 3600, now=now, kind="canary alarm")

    return tell
