"""How long the ledger of correspondents takes to be asked and taught, on a store that knows a
million pairs and fifty thousand colleagues.

    python -m bench.ledger [--pairs 1000000] [--staff 50000] [--database URL]

Everything is made here from a seed; nobody exists. On SQLite in a temporary folder, unless a URL is
given, whose tables are filled and left so.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from random import Random

from gateway.ledger import Policy, StoreLedger
from gateway.likeness import keys
from gateway.model import Client, Envelope, Mail, Recipient
from gateway.store.correspondents import Correspondents, Lesson
from gateway.store.database import Database
from gateway.store.staff import Source, Staff

LOOKUPS = 500
EACH = 50  # correspondents of one sender
SYLLABLES = "ba be bou che da du fer ga gi jo la le lin ma mi mon na ni pe ra re ro sa si ta ti vo"
TODAY = date(2026, 11, 22).toordinal()


def a_person(random: Random) -> str:
    syllables = SYLLABLES.split()
    first, last = ("".join(random.choices(syllables, k=length)) for length in (2, 4))
    return f"{first}.{last}"


def a_mail(sender: str, *recipients: str) -> Mail:
    envelope = Envelope(sender, tuple(map(Recipient, recipients)))
    content = b"Subject: Compte rendu\r\n\r\nBonjour,\r\n"
    return Mail("7K2F-9QXD", "smtp", Client(), envelope, content, b"", 0.0, 0.0)


async def fill(known: Correspondents, staff: Staff, pairs: int, colleagues: int) -> list[str]:
    random = Random(11)
    ours = sorted({f"{a_person(random)}@chu.example" for _ in range(colleagues)})
    started = time.perf_counter()
    await staff.replace(ours, Source.FILE)
    print(f"{len(ours)} colleagues filed in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    senders = [random.choice(ours) for _ in range(max(1, pairs // EACH))]
    for start in range(0, len(senders), 10):
        lessons = [
            Lesson(sender, (f"{a_person(random)}@p{random.randrange(3000)}.example",), TODAY)
            for sender in senders[start : start + 10]
            for _ in range(EACH)
        ]
        await known.learn(lessons)
    took = time.perf_counter() - started
    print(f"{len(senders) * EACH} mails learnt in {took:.0f} s: {len(senders) * EACH / took:.0f}/s")
    return senders


async def asked(ledger: StoreLedger, mails: Sequence[Mail]) -> None:
    """Processor time beside that of the clock: others may be at work here."""
    for clock, name in ((time.perf_counter, "clock"), (time.process_time, "processor")):
        took = []
        for mail in mails:
            started = clock()
            told = await ledger.correspondence(mail)
            took.append((clock() - started) * 1000)
            assert told.told
        tail = statistics.quantiles(took, n=100)
        median = statistics.median(took)
        print(f"  {name:<9} median {median:.2f} ms, 95 % {tail[94]:.2f}, 99 % {tail[98]:.2f}")


async def main(url: str, pairs: int, colleagues: int) -> None:
    database, key = Database.open(url), os.urandom(32)
    known, staff = Correspondents(database, key), Staff(database, keys)
    senders = await fill(known, staff, pairs, colleagues)
    policy = Policy(lambda address: address.endswith("@chu.example"), learn_days=0)
    random = Random(12)
    chosen = random.sample(sorted(set(senders)), min(LOOKUPS, len(set(senders))))
    books = [await known.book(sender, TODAY, 10) for sender in chosen]
    ledger = StoreLedger(known, staff, policy, today=lambda: date.fromordinal(TODAY))
    print("somebody known:")
    await asked(ledger, [a_mail(s, book[0]) for s, book in zip(chosen, books, strict=True)])
    print("a stranger, the sender's own correspondents not in memory:")
    strangers = [f"{a_person(random)}@nouveau.example" for _ in chosen]
    await asked(ledger, [a_mail(s, one) for s, one in zip(chosen, strangers, strict=True)])
    print("a stranger, the same in memory:")
    recent = list(zip(chosen, strangers, strict=True))[-150:]
    await asked(ledger, [a_mail(s, f"x{one}") for s, one in recent])
    database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--staff", type=int, default=50_000)
    parser.add_argument("--database", default="")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = told.database or f"sqlite:///{folder}/ledger.db"
        asyncio.run(main(url, told.pairs, told.staff))
