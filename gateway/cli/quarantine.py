"""`vaguemestre quarantine`: list, show, release, reject and purge held mail.

For whoever decides: run it as the user that owns the private key. Without that key the list shows
domains only. Values stay masked until --reveal, which asks for a reason and is recorded.
"""

from __future__ import annotations

import asyncio
import getpass
import math
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from gateway import parts, retention_parts
from gateway.act.calendar import WorkingDays
from gateway.act.notice import Notices
from gateway.act.wording import reading
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    demand_store,
    fail,
    out,
    plain,
    print_json,
)
from gateway.cli.common import show as show_text
from gateway.cli.keys import UnlockingOption, officers_passphrase, unlocked_by
from gateway.clockwork import case_of
from gateway.config import Config
from gateway.errors import Misconfigured
from gateway.protect import unfit
from gateway.retain import retain
from gateway.store.database import Database
from gateway.store.held import Held
from gateway.store.holds import Holds
from gateway.store.keys import (
    OpeningKey,
    load_hmac,
    load_private,
    load_public,
)
from gateway.store.schema import Hidden, State
from gateway.store.vault import CannotOpen, UnderLock

T = TypeVar("T")
app = typer.Typer(add_completion=False, no_args_is_help=True, help="Held mail, and the rulings.")
PAGE = 1000  # holds asked of the store at once

HoldArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="As in the list: 7K2F-9QXD.",
        parser=lambda text: str(text).strip().upper(),
    ),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]
ToOption = Annotated[
    list[str] | None, typer.Option("--to", help="Only this recipient; repeat. Default: all held.")
]


@dataclass(frozen=True, slots=True)
class Desk:
    """What an officer's command needs. keys: () where this user cannot open anything."""

    config: Config
    database: Database
    holds: Holds
    keys: tuple[OpeningKey, ...]
    calendar: WorkingDays
    notices: Notices
    who: str

    def sees(self, held: Held) -> bool:
        """Only mail of compartments whose key is at hand. Whoever has none at all runs the gateway:
        domains, rules and states, nothing to open."""
        ours = {key.compartment for key in self.keys}
        return not self.keys or held.compartment in ours or held.opens_to(self.keys)

    def positions(self, held: Held, to: list[str] | None) -> tuple[int, ...] | None:
        """Of the recipients named; None for all."""
        if not to:
            return None
        _, recipients = held.parties(self.keys)
        unknown = sorted(set(to) - set(recipients))
        if unknown:
            fail(f"{held.id} holds nothing for {', '.join(unknown)}")
        return tuple(
            copy.position
            for copy, address in zip(held.copies, recipients, strict=True)
            if address in to
        )


def at_desk(config: Path | None, work: Callable[[Desk], Awaitable[T]], *, open_: bool = False) -> T:
    """Run with a desk. open_: the private key is needed."""
    with clear_errors():
        settings = configuration(config)
        load_public(settings.keys)
        demand_store(settings.database)
        database = Database.open(settings.database)
        try:
            return asyncio.run(_seated(settings, database, work, open_))
        except UnderLock:
            fail(
                "opened by officers' sign-ins: decide in the console, or name --escrow FILE",
                STOPPED,
            )
        except CannotOpen as error:
            fail(f"{error}: no private key in {settings.keys} fits", STOPPED)
        finally:
            database.close()
    raise AssertionError  # clear_errors raises in every other case


async def _seated(
    settings: Config, database: Database, work: Callable[[Desk], Awaitable[T]], open_: bool
) -> T:
    public, hmac_key = load_public(settings.keys), load_hmac(settings.keys)
    keys: tuple[OpeningKey, ...] = ()
    try:
        keys = load_private(settings.keys, officers_passphrase(settings.keys))
    except Misconfigured:
        if open_:
            raise
    holds = Holds(database, parts.blobs(settings), public, hmac_key)
    desk = Desk(
        settings,
        database,
        holds,
        keys,
        WorkingDays(settings.notices.timezone),
        parts.notices(settings, parts.Titles(settings), hmac_key),
        getpass.getuser(),
    )
    return await work(desk)


@app.command("list")
def list_(
    config: ConfigOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Decided ones, too.")] = False,
    json: JsonOption = False,
) -> None:
    """What is held, the oldest first."""
    states = tuple(State) if everything else (State.HELD, State.RELEASING)

    async def work(desk: Desk) -> None:
        held = [one async for one in every_hold(desk.holds, states) if desk.sees(one)]
        held.sort(key=lambda one: one.received)
        if json:
            for one in held:
                print_json(_line(one, desk))
        else:
            _table(held, desk)

    at_desk(config, work)


async def every_hold(holds: Holds, states: Collection[State]) -> AsyncIterator[Held]:
    """Newest first, page by page; what was held in the same instant may stand on two pages."""
    before: float | None = None
    told: set[str] = set()
    while True:
        page = await holds.list(states, before=before, limit=PAGE)
        fresh = [one for one in page if one.id not in told]
        for one in fresh:
            yield one
        if len(page) < PAGE:
            return
        told = {one.id for one in page}
        before = math.nextafter(page[-1].held, math.inf) if fresh else page[-1].held


def _line(one: Held, desk: Desk) -> dict[str, object]:
    sender, recipients = one.parties(desk.keys)
    return {
        "id": one.id,
        "received": _iso(one.received),
        "sender": sender,
        "recipients": list(recipients),
        "rule": one.rule,
        "state": one.state.value,
        "awaits": one.awaits,
        "until": _iso(one.until),
        "size": one.size,
        "queue_id": one.queue_id,
    }


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _table(held: list[Held], desk: Desk) -> None:
    if not held:
        out.print("Rien n'est retenu.")
        return
    table = Table(box=None)
    for title in ("dossier", "reçu", "de", "à", "règle", "état", "décider avant"):
        table.add_column(title, overflow="fold")  # an address cut short is not an address
    for one in held:
        sender, recipients = one.parties(desk.keys)
        table.add_row(
            one.id,
            _short(one.received, desk),
            escape(plain(sender)),
            escape(plain("\n".join(recipients))),
            one.rule,
            AWAITS.get(one.awaits, STATES[one.state]),
            _short(one.until, desk),
        )
    out.print(table)


def _short(moment: float, desk: Desk) -> str:
    return f"{datetime.fromtimestamp(moment, parts.timezone(desk.config)):%d/%m %H:%M}"


STATES = {
    State.HELD: "retenu",
    State.RELEASING: "en cours d'envoi",
    State.RELEASED: "envoyé",
    State.REJECTED: "annulé",
    State.EXPIRED: "annulé (délai)",
}
AWAITS = {
    "confirm": "attend l'expéditeur",
    "delay": "part sous peu",
    "review": "attend un second lecteur",
}


HIDDEN = {
    Hidden.COMPARTMENT: "l'expéditeur seul décide : ce compartiment n'est lu par personne",
    Hidden.PERSONAL: "marqué personnel : l'expéditeur seul peut l'ouvrir à d'autres",
}


@app.command()
def show(
    hold: HoldArgument,
    config: ConfigOption = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Print the mail itself.")] = False,
    reason: ReasonOption = "",
    escrow: UnlockingOption = None,
) -> None:
    """One held mail: why, what was found (masked), what was done. --reveal prints its bytes."""
    if reveal and not reason.strip():
        fail('--reveal needs --reason "…": it is recorded with your name')
    unlocking = unlocked_by(escrow)

    async def work(desk: Desk) -> None:
        held = await _known(desk, hold)
        if reveal:
            if held.hidden:
                fail(f"{hold}: nobody but its sender may look into it, or he must open it first")
            opened = await desk.holds.open(hold, (*desk.keys, *unlocking))
            assert opened is not None
            await desk.holds.reveal(hold, desk.who, reason, what="whole")
            _reveal(opened.mail.content)
            return
        await _describe(held, desk)

    at_desk(config, work, open_=True)


def _reveal(content: bytes) -> None:
    """Byte for byte into a file or a pipe; on a terminal without what would steer it."""
    if sys.stdout.isatty():
        show_text(content.decode("utf-8", "replace").replace("\r\n", "\n"))
    else:
        typer.get_binary_stream("stdout").write(content)


async def _describe(held: Held, desk: Desk) -> None:
    sender, recipients = held.parties(desk.keys)
    seen = held.dossier(desk.keys).inspection
    lines = [
        f"Dossier {held.id}, reçu le {desk.calendar.in_words(held.received)}",
        f"De       {sender or '<>'}",
        *(
            f"À        {address} : {STATES[copy.state]}"
            for copy, address in zip(held.copies, recipients, strict=True)
        ),
        *([f"Caché    {HIDDEN[Hidden(held.hidden)]}"] if held.hidden else []),
        f"Règle    {held.rule}",
        f"Taille   {held.size} octets ; file d'entrée {held.queue_id or 'inconnue'}",
        f"Délai    {desk.calendar.in_words(held.until)}",
        f"Lecture  {reading(seen)}",
        "",
        "Trouvé :",
        *(
            f"  {f.kind}, {f.count} ({f.likelihood.word}), {f.place} : {f.masked}"
            for f in seen.findings
        ),
        *(f"  non lu : {p.place} : {p.detail or p.kind.value}" for p in seen.problems),
        "",
        "Fait :",
    ]
    for event in await desk.holds.history(held.id):
        why = event.reason(desk.keys)
        who = f" par {event.who}" if event.who else ""
        lines.append(
            f"  {desk.calendar.in_words(event.at)} : {event.kind}{who} {event.detail}"
            f"{f' « {why} »' if why else ''}".rstrip()
        )
    show_text("\n".join(lines))


@app.command()
def release(
    hold: HoldArgument,
    config: ConfigOption = None,
    to: ToOption = None,
    reason: ReasonOption = "",
    encrypted: Annotated[
        bool, typer.Option("--encrypted", help="By the protected way that fits each recipient.")
    ] = False,
    escrow: UnlockingOption = None,
) -> None:
    """Send it as it is: tried until accepted, with its bytes and its Message-ID."""
    unlocking = unlocked_by(escrow)

    async def work(desk: Desk) -> int:
        held = await _known(desk, hold)
        if held.hidden:
            fail(f"{hold}: {HIDDEN[Hidden(held.hidden)]}", STOPPED)
        positions = desk.positions(held, to)
        if encrypted and (without := await _unfit(desk, held, positions, unlocking)):
            told = "; ".join(f"{address} ({why})" for address, why in without.items())
            fail(f"{hold}: no protected way fits {told}", STOPPED)
        ordered = await desk.holds.release(
            hold, desk.who, reason, positions, encrypted=encrypted, unlocking=unlocking
        )
        return len(ordered)

    ordered = at_desk(config, work, open_=bool(to) or encrypted)
    if not ordered:
        fail(f"{hold}: nothing is held any more; see quarantine show {hold}", STOPPED)
    way = "envoi chiffré demandé" if encrypted else "envoi demandé"
    out.print(f"{hold} : {way} pour {ordered} destinataire{'s' if ordered > 1 else ''}.")


async def _unfit(
    desk: Desk, held: Held, positions: Collection[int] | None, unlocking: Sequence[OpeningKey]
) -> dict[str, str]:
    opened = await desk.holds.open(held.id, (*desk.keys, *unlocking))
    assert opened is not None
    return unfit(parts.channels(desk.config).why_not, opened, positions)


@app.command()
def reject(
    hold: HoldArgument, config: ConfigOption = None, to: ToOption = None, reason: ReasonOption = ""
) -> None:
    """Never send it; the sender is told."""

    async def work(desk: Desk) -> int:
        held = await _known(desk, hold)
        if held.hidden == Hidden.COMPARTMENT:
            fail(f"{hold}: {HIDDEN[Hidden.COMPARTMENT]}", STOPPED)
        positions = desk.positions(held, to)
        letter = desk.notices.rejected(case_of(held, desk.keys, positions), time.time())
        letters = [letter] if letter else []
        return len(await desk.holds.reject(hold, desk.who, reason, positions, letters))

    ended = at_desk(config, work, open_=True)
    if not ended:
        fail(f"{hold}: nothing is held any more; see quarantine show {hold}", STOPPED)
    out.print(f"{hold} : annulé, l'expéditeur est prévenu.")


@app.command()
def purge(config: ConfigOption = None) -> None:
    """Erase now what is due: decided mails past their time, sent letters. Never undecided mail."""

    async def work(desk: Desk) -> None:
        purged = await retain(
            desk.database,
            parts.blobs(desk.config),
            now=time.time(),
            key=load_hmac(desk.config.keys),
            periods=retention_parts.periods(desk.config),
        )
        held, letters, left = (purged.get(one, 0) for one in ("holds", "sent", "orphans"))
        out.print(f"Effacés : {held} messages, {letters} envois, {left} restes.")

    at_desk(config, work)


async def _known(desk: Desk, hold: str) -> Held:
    held = await desk.holds.get(hold)
    if held is None or not desk.sees(held):
        fail(f"{hold}: no such dossier (it may have been erased after its decision)", STOPPED)
    return held
