"""`vaguemestre retention`: what is kept and since when, and the proof of what went."""

from __future__ import annotations

import asyncio
import sqlite3
import time

from gateway.retain import retain
from gateway.store.database import Database
from gateway.store.file_blobs import FileBlobs
from gateway.store.keys import load_hmac


def swept(held, now):
    """A sweep of the gateway's, at that moment."""
    database = Database.open(f"sqlite:///{held}/vaguemestre.db")
    key, blobs = load_hmac(held / "keys"), FileBlobs(held / "blobs")
    asyncio.run(retain(database, blobs, now=now, key=key))
    database.close()


def rejected(holding, vaguemestre):
    assert vaguemestre("quarantine", "reject", "7K2F-9QXD", "--reason", "x").status == 0


def test_each_class_is_shown_with_its_period_and_its_oldest(vaguemestre, holding):
    said = vaguemestre("retention")
    assert said.status == 0
    (held,) = (line for line in said.out.splitlines() if "messages retenus" in line)
    assert " 2 " in held
    assert held.count("/") == 2, "since when the older one is here"
    assert "messages décidés" in said.out
    assert "Preuves : 0 intactes" in said.out


def test_what_was_erased_is_proven_and_verified(vaguemestre, holding):
    rejected(holding, vaguemestre)
    late = vaguemestre("retention", "--json").lines
    swept(holding, time.time() + 8 * 86400)
    *shelves, last, proof = vaguemestre("retention", "--verify", "--json").lines
    held = {one["class"]: (one["days"], one["count"]) for one in shelves}
    assert held["held"] == (None, 1)
    assert held["decided"] == (7, 0)
    assert {"class": "decided", "count": 1}.items() <= late[1].items()
    assert "holds=1" in last["detail"]
    assert proof["proof"]["proven"] == 2
    noted = proof["proof"]["head"]
    assert vaguemestre("retention", "--known", noted).status == 0
    assert vaguemestre("retention", "--known", "0" * 32).status == 1


def test_a_record_that_was_changed_fails(vaguemestre, holding):
    rejected(holding, vaguemestre)
    swept(holding, time.time() + 8 * 86400)
    with sqlite3.connect(holding / "vaguemestre.db") as database:
        database.execute("DROP TRIGGER events_no_update")
        database.execute("UPDATE events SET at = at - 1 WHERE kind = 'erased'")
    said = vaguemestre("retention", "--verify")
    assert said.status == 1
    assert "rompues" in said.out


def test_what_is_overdue_fails(vaguemestre, holding):
    """A release process that does not run erases nothing."""
    rejected(holding, vaguemestre)
    with sqlite3.connect(holding / "vaguemestre.db") as database:
        database.execute("UPDATE holds SET decided = 1.0 WHERE decided IS NOT NULL")
    said = vaguemestre("retention", "--verify", "--json")
    assert said.status == 1
    assert said.lines[1]["late"] == 1


def test_the_portal_is_told_of_where_there_is_one(vaguemestre, holding):
    with (holding / "gateway.yaml").open("a") as file:
        file.write('portal: {url: "https://messages.chu.example", days: 20}\n')
    classes = {one.get("class"): one for one in vaguemestre("retention", "--json").lines}
    assert classes["parcels"]["days"] == 20
    assert classes["closed parcels"]["days"] == 30


def test_periods_come_from_the_file(vaguemestre, holding):
    with (holding / "gateway.yaml").open("a") as file:
        file.write("retention: {events_days: 400, sign_in_days: 200}\n")
    classes = {one.get("class"): one for one in vaguemestre("retention", "--json").lines}
    assert classes["events"]["days"] == 400
    (holding / "gateway.yaml").write_text(
        (holding / "gateway.yaml").read_text().replace("events_days: 400", "events_days: 100")
    )
    assert vaguemestre("retention").status == 2
