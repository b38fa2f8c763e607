"""`vaguemestre retention`: how long each class stays, its oldest, and the proof of what went."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from gateway import retention_parts
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    complain,
    configuration,
    demand_store,
    out,
    print_json,
)
from gateway.config import Config
from gateway.retention_parts import Kept, Shelf
from gateway.store.database import Database
from gateway.store.proof import Checked

_TOLD = {
    "held": "messages retenus, en attente",
    "decided": "messages décidés",
    "sent": "lettres parties",
    "failed": "lettres abandonnées",
    "memory": "mémoire des reprises",
    "monitored": "cas observés",
    "incidents": "incidents qualifiés",
    "figures": "chiffres par jour",
    "invitations": "liens d'invitation",
    "attempts": "entrées en cours",
    "tokens": "jetons de l'API",
    "sessions": "sessions",
    "pairs": "qui écrit à qui",
    "domains": "à quels domaines",
    "together": "qui figure avec qui",
    "flows": "séries d'envois",
    "staff": "adresses apprises",
    "sign_ins": "registre : entrées",
    "events": "registre : tout",
    "accounts": "comptes fermés",
    "parcels": "portail : messages ouverts",
    "closed parcels": "portail : messages clos",
}
_PLACES = 20  # ids of broken lines that are named


def retention(
    verify: Annotated[
        bool, typer.Option("--verify", help="Status 1 if a proof is broken or anything is overdue.")
    ] = False,
    known: Annotated[
        str, typer.Option("--known", metavar="PROOF", help="One noted before: it must still stand.")
    ] = "",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """How long each class of data is kept, its oldest, and the proof of purges."""
    with clear_errors():
        kept = asyncio.run(_look(configuration(config), known))
    (_print_json if json else _print)(kept)
    if (verify or known) and not kept.sound:
        complain("retention: a proof is broken, or something is overdue")
        raise typer.Exit(STOPPED)


async def _look(settings: Config, known: str) -> Kept:
    demand_store(settings.database)
    database = Database.open(settings.database)
    try:
        return await retention_parts.overview(settings, database, time.time(), known)
    finally:
        database.close()


def _print_json(kept: Kept) -> None:
    for shelf in kept.shelves:
        print_json({"class": shelf.name, **{k: v for k, v in asdict(shelf).items() if k != "name"}})
    if kept.swept is not None:
        print_json({"swept": kept.swept.at, "detail": kept.swept.detail})
    print_json({"proof": asdict(kept.proof), "sound": kept.sound})


def _print(kept: Kept) -> None:
    table = Table("Classe", "Jours", "Nombre", "Le plus ancien", "En retard", box=None)
    for shelf in kept.shelves:
        table.add_row(*_row(shelf))
    out.print(table)
    if kept.swept is not None:
        counts = kept.swept.detail.partition(" key=")[0]
        out.print(f"Dernier effacement : {_day(kept.swept.at)} ({counts})", markup=False)
    for line in _proven(kept.proof):
        out.print(line, markup=False)


def _row(shelf: Shelf) -> Sequence[str]:
    days = "—" if shelf.days is None else f"{shelf.days:g}"
    oldest = _day(shelf.oldest) if shelf.oldest is not None else "—"
    return _TOLD[shelf.name], days, str(shelf.count), oldest, str(shelf.late or "—")


def _proven(proof: Checked) -> Sequence[str]:
    lines = [f"Preuves : {proof.proven} intactes ; la dernière : {proof.head or '—'}"]
    if proof.unproven:
        lines.append(f"{proof.unproven} lignes sans preuve, d'une version antérieure.")
    if proof.unkeyed:
        lines.append(f"{proof.unkeyed} lignes d'une clé retirée : à leur place, sans plus.")
    if proof.broken:
        named = ", ".join(map(str, proof.broken[:_PLACES]))
        lines.append(f"{len(proof.broken)} lignes rompues : le registre a été modifié ({named}).")
    if not proof.known:
        lines.append("La preuve donnée n'y est plus : trop vieille, ou la fin a été retirée.")
    return lines


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at):%d/%m/%Y %H:%M}"
