"""What a page of the console costs the server with 100,000 held mails.

    python bench/console.py [--mails 100000] [--folder DIR] [--tries 7] [--profile PATH]

Held mails are sealed one by one, as the gateway does it, so that lists open real dossiers; --folder
keeps them for the next run. Pages are asked for in this process, without a socket: the figure is
processor time of everything, the reading threads of the store and the asking client (some 1 ms)
included. `worst` is mostly the first time, when templates and statements are compiled.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
from rich.progress import track  # noqa: E402
from sqlalchemy import func, insert, select  # noqa: E402

from gateway.console.furnish import FIGURES_SECONDS  # noqa: E402
from gateway.store import codec, vault  # noqa: E402
from gateway.store.custody import DOSSIER, context_of  # noqa: E402
from gateway.store.dossier import Dossier  # noqa: E402
from gateway.store.schema import copies, desk, events, holds  # noqa: E402
from tests.makers import held as made  # noqa: E402
from tests.stores import Store, fresh  # noqa: E402
from tests.unit.console.conftest import Console  # noqa: E402

AT_ONCE = 2_000  # rows of one transaction
SENDERS, RULES = 500, 12
GOAL_MS = 50
DAY = 86400.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--tries", type=int, default=7)
    parser.add_argument("--profile", metavar="PATH", help="where the time of one page goes")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        folder = chosen.folder or Path(spare)
        folder.mkdir(parents=True, exist_ok=True)
        console = Console(Store(fresh("sqlite", folder), folder))
        try:
            asyncio.run(measured(console, chosen))
        finally:
            console.store.database.close()


async def measured(console: Console, chosen: argparse.Namespace) -> None:
    await seeded(console, chosen.mails)
    console.desk.queue._remember = FIGURES_SECONDS  # as in `gateway.console.furnish`
    browser = await console.signed_in("claire", "officer", "admin")
    if chosen.profile:
        await profiled(browser, chosen.profile)
        return
    print(f"{chosen.mails} held mails; processor time, ms (goal: {GOAL_MS})")
    print(f"  {'page':<34}{'median':>8}{'worst':>8}")
    for name, path in (await pages(console)).items():
        took = [await cost(lambda path=path: browser.get(path)) for _ in range(chosen.tries)]
        print(f"  {name:<34}{median(took):>8.1f}{max(took):>8.1f}")


async def pages(console: Console) -> dict[str, str]:
    some = await console.store.database.read(
        lambda c: c.execute(select(holds.c.id, holds.c.rule).limit(1)).one()
    )
    deep = await console.store.database.read(
        lambda c: c.execute(
            select(holds.c.id).order_by(holds.c.rank).offset(20_000).limit(1)
        ).scalar_one()
    )
    return {
        "queue, by gravity": "/",
        "queue, by age": "/?ordre=age",
        "queue, by deadline": "/?ordre=deadline",
        "queue, the 400th page": f"/?apres={deep}",
        "queue, one rule": f"/?regle={some.rule}",
        "queue, nobody's": "/?a=personne",
        "queue, mine": "/?a=moi",
        "queue, second reader": "/?a=second",
        "queue, of one address": f"/?adresse={made.SENDER}",
        "queue, of an unknown address": "/?adresse=nul@mail.example",
        "queue, decided": "/?faits=1",
        "one mail": f"/dossiers/{some.id}",
        "figures for the open queue": f"/etat?depuis={made.NOW - 60}",
        "record": "/registre",
        "accounts": "/comptes",
        "account": "/compte",
    }


async def cost(ask: Callable[[], Awaitable[httpx.Response]]) -> float:
    """Milliseconds of processor time."""
    started = time.process_time()
    answer = await ask()
    took = (time.process_time() - started) * 1000
    assert answer.status_code == 200, answer.status_code
    return took


async def profiled(browser: httpx.AsyncClient, path: str) -> None:
    await browser.get(path)
    with cProfile.Profile() as profile:
        for _ in range(10):
            await browser.get(path)
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)


async def seeded(console: Console, count: int) -> None:
    database = console.store.database
    there = await database.read(lambda c: c.execute(select(func.count(holds.c.id))).scalar_one())
    if there >= count:
        return
    for number in range(200):
        await console.desk.accounts.add(f"compte{number}", ("auditor",))
    batches = range(there, count, AT_ONCE)
    for start in track(batches, "Held mails…", total=len(batches)):
        rows = list(mails(console.store, start, min(AT_ONCE, count - start)))
        marks = [
            {"hold_id": row["id"], "assigned": "claire", "seen": made.NOW, "second": n % 50 == 0}
            for n, row in enumerate(rows[::10])
        ]
        told = [
            {"at": row["held"], "kind": "held", "hold_id": row["id"], "who": "", "detail": ""}
            for row in rows
        ]
        got = [of for row in rows for of in recipients(console.store, row["id"])]
        await database.write(
            lambda c, rows=rows, got=got, marks=marks, told=told: [
                c.execute(insert(table), values)
                for table, values in ((holds, rows), (copies, got), (desk, marks), (events, told))
            ]
        )


def mails(store: Store, start: int, count: int) -> Iterator[dict[str, Any]]:
    """Rows as the gateway writes them, each under a key of its own."""
    rng = Random(start)
    mail = made.a_mail("AAAA-AAAA")
    hold = made.a_hold(mail)
    like = store.custody._row(mail, hold, made.NOW)
    dossier = codec.dump(Dossier.of(mail, hold))
    for number in range(start, start + count):
        blob = f"{number:032x}"
        key, wrapped = vault.wrap(store.public, context_of(blob))
        sender = rng.randrange(SENDERS)
        yield like | {
            "id": f"{number:08}",
            "blob": blob,
            "sealed_key": wrapped,
            "dossier": b"".join(vault.encrypt(key, DOSSIER, dossier)),
            "held": made.NOW - rng.random() * DAY,
            "until": made.NOW + rng.random() * 5 * DAY,
            "rank": rng.randrange(1000),
            "rule": f"health/rule-{rng.randrange(RULES)}",
            "sender_hash": like["sender_hash"] if sender == 0 else f"{sender:064x}",
        }


def recipients(store: Store, hold: str) -> Iterator[dict[str, Any]]:
    mail = made.a_mail("AAAA-AAAA")
    for row in store.custody._copies(made.a_hold(mail), made.NOW):
        yield row | {"hold_id": hold}


if __name__ == "__main__":
    main()
