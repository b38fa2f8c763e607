"""`vaguemestre serve`: the gateway itself."""

from __future__ import annotations

import asyncio
import os
import pwd
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
import typer

from gateway import equipment, parts
from gateway.act import alarm
from gateway.cli.common import ConfigOption, clear_errors, configuration
from gateway.cli.keys import lacking, missing
from gateway.config import Config, demand_startable
from gateway.errors import Misconfigured
from gateway.means import portal_parts
from gateway.store.bypass import Bypass
from gateway.store.database import Database
from gateway.store.digest import post_once
from gateway.store.holds import Counts, Holds
from gateway.store.keys import DEFAULT, load_hmac, load_public, make_keys, of_compartment
from gateway.supervisor import CONSOLE, Child, Supervisor, listen
from gateway.watch import log as logs
from gateway.watch.metrics import HeldNow

PROTOCOLS = ("smtp", "lmtp", "milter", "submission", "submissions")
PORTAL = "portal"
PID_FILE = "vaguemestre.pid"
DESCRIPTORS = 65_536  # of each process, where the system allows them; its own idea may be 1024
STORE_SECONDS = 2.0  # a scrape does not wait longer for the store


def serve(config: ConfigOption = None) -> None:
    """Run the gateway until SIGTERM. SIGHUP reads the rules anew."""
    with clear_errors():
        path = (config or Path("gateway.yaml")).absolute()
        settings = configuration(config)
        demand_startable(settings)
        _demand_keys(settings)
        parts.Rulebook(settings, None)  # refuse to start rather than start without rules
        status = asyncio.run(_serve(settings, path))
    raise typer.Exit(status)


async def _serve(settings: Config, path: Path) -> int:
    log = logs.start("supervisor", level=settings.log.level, file=settings.log.file)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, DESCRIPTORS), most))
    settings.data.mkdir(parents=True, exist_ok=True)
    if not any(settings.keys.glob("officer-*.pub")):
        for compartment in lacking(settings):
            make_keys(settings.keys, compartment=compartment)
        log.warning("keys made", where=str(settings.keys), separated=False)
    tell_lacks(log)
    database = Database.open(settings.database)
    _prepare(settings)
    _share(settings)
    _share_portal(settings)
    sockets = _sockets(settings)
    supervisor = Supervisor(
        log=log,
        metrics_address=_metrics_address(settings),
        figures=settings.data / "metrics",
        held=_held(settings, database, asyncio.get_running_loop()),
        children=_children(settings, path, sockets),
        alarm=_alarm(settings, database),
    )
    pid_file = settings.data / PID_FILE
    pid_file.write_text(f"{os.getpid()}\n")
    try:
        return await supervisor.run()
    finally:
        pid_file.unlink(missing_ok=True)
        database.close()
        for sock in sockets.values():
            sock.close()


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


def _share(settings: Config) -> None:
    """Started as root with users of its own: what doors and release write is theirs, by group.

    The release user must be a member of the door user's group. Keys are `keys init`'s business.
    """
    if os.getuid() != 0 or not settings.users.door:
        return
    entry = pwd.getpwnam(settings.users.door)
    figures = settings.data / "metrics"
    figures.mkdir(exist_ok=True)
    shared = (settings.data, parts.folder_of_blobs(settings), figures)
    for path in (*filter(Path.exists, shared), *settings.data.glob("*.db*")):
        os.chown(path, entry.pw_uid, entry.pw_gid)
        path.chmod(0o2770 if path.is_dir() else 0o660)
    os.umask(0o007)


def _share_portal(settings: Config) -> None:
    """What doors, release and portal write together, by the portal user's group. That user gets
    through the folder above it, and sees nothing of what is there."""
    if settings.portal is None:
        return
    folder = portal_parts.folder(settings)
    (folder / parts.BLOBS).mkdir(parents=True, exist_ok=True)
    if os.getuid() != 0 or not (settings.users.door and settings.users.portal):
        return
    door, group = pwd.getpwnam(settings.users.door), pwd.getpwnam(settings.users.portal).pw_gid
    settings.data.chmod(0o2771)
    for path in (folder, *folder.iterdir()):
        os.chown(path, door.pw_uid, group)
        path.chmod(0o2770 if path.is_dir() else 0o660)


def _sockets(settings: Config) -> dict[str, socket.socket]:
    doors = {name: getattr(settings.doors, name) for name in PROTOCOLS}
    sockets = {name: listen(door.listen) for name, door in doors.items() if door}
    if settings.console:
        sockets[CONSOLE] = listen(settings.console.listen)
    if settings.portal:
        sockets[PORTAL] = listen(settings.portal.listen)
    return sockets


def _children(settings: Config, path: Path, sockets: dict[str, socket.socket]) -> list[Child]:
    of_doors = {name: sock for name, sock in sockets.items() if name not in (CONSOLE, PORTAL)}
    given = [f"--socket={name}={sock.fileno()}" for name, sock in of_doors.items()]
    descriptors = tuple(sock.fileno() for sock in of_doors.values())
    doors = [
        Child(f"door {number + 1}", ("door", "--config", str(path), *given), descriptors)
        for number in range(settings.processes)
    ]
    children = [*doors, Child("release", ("release", "--config", str(path)), ())]
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

    async def both() -> tuple[Counts, float | None]:
        return await holds.counts(), await bypass.since()

    def now() -> HeldNow | None:
        try:
            asked = asyncio.run_coroutine_threadsafe(both(), loop)
            counts, since = asked.result(timeout=STORE_SECONDS)
        except Exception:  # whatever the store's trouble is, the other metrics go on
            return None
        return HeldNow(counts.messages, _age(counts.oldest), _age(since))

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
