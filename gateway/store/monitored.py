"""What rules in monitor mode let out, for an officer to say whether they were right.

    door ─▶ LetOut, in memory ─once a minute─▶ a row for each mail and rule, sealed ─▶ right | false
                                                                                       alarm

The mail itself has left and is nowhere; kept for thirty days are who wrote to whom and the masked
findings, sealed to the officers of the sender's compartment. So a new rule's precision is known
before it is enforced. Of a rule that fires all the time a sample is kept: the first of each minute
(all are counted, `gateway.store.figures`).
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from gateway.errors import Temporary
from gateway.model import Disposition, Finding, Inspection, Mail, Verdict
from gateway.store import codec, vault
from gateway.store.custody import domain_of
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.keys import OpeningKey, SealingKey, of_compartment
from gateway.store.schema import monitored

PAGE = 50  # rows
MOST_AT_ONCE = 20  # of one rule, between two writings: enough to judge it by
RIGHT, FALSE_ALARM = "right", "false_alarm"
_MOST_FINDINGS = 20
_CONTEXT = b"monitored"


@dataclass(frozen=True, slots=True)
class Outline:
    """What is sealed of a mail."""

    sender: str
    recipients: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """id: of the row. mail: its code, as in the log."""

    id: int
    at: float
    mail: str
    rule: str
    sender_domain: str
    sealed: bytes = field(repr=False)

    def outline(self, keys: Sequence[OpeningKey]) -> Outline:
        """Raises CannotOpen."""
        return codec.load(Outline, vault.open_sealed(self.sealed, keys, _CONTEXT))


@dataclass(frozen=True, slots=True)
class Judged:
    """Of one rule: how many wait to be judged, and how those were that are."""

    waiting: int = 0
    right: int = 0
    wrong: int = 0


class LetOut:
    """What one door notes. compartment_of: a sender's. private: whether nobody but the sender may
    look into a mail: it is counted, and not noted."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        compartment_of: Callable[[str], str] = lambda sender: "default",
        private: Callable[[Mail], bool] = lambda mail: False,
    ) -> None:
        self._database = database
        self._keys = tuple(keys)
        self._compartment_of = compartment_of
        self._private = private
        self._waiting: list[tuple[Mail, str, Outline]] = []
        self._many: Counter[str] = Counter()

    def __call__(self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection) -> None:
        """Of what left in clear. Costs next to nothing: of most mails, no rule is named."""
        left = [one for one in verdicts if one.monitored and one.disposition is Disposition.PASS]
        rules = dict.fromkeys(rule for verdict in left for rule in verdict.monitored)
        if rules and self._private(mail):
            return
        for rule in rules:
            self._many[rule] += 1
            if self._many[rule] > MOST_AT_ONCE:
                continue
            to = tuple(one.recipient for one in left if rule in one.monitored)
            found = (replace(one, fingerprints=()) for one in seen.findings[:_MOST_FINDINGS])
            outline = Outline(mail.envelope.sender, to, tuple(found))
            self._waiting.append((replace(mail, content=b""), rule, outline))

    async def flush(self) -> None:
        """Once a minute. What the store does not take now is let go: it is a sample."""
        waiting, self._waiting = self._waiting, []
        self._many.clear()
        if not waiting:
            return
        rows = await asyncio.to_thread(lambda: [self._row(*one) for one in waiting])
        with suppress(Temporary):
            await self._database.write(lambda c: c.execute(monitored.insert(), rows))

    def _row(self, mail: Mail, rule: str, outline: Outline) -> dict[str, Any]:
        whose = self._compartment_of(outline.sender)
        keys = of_compartment(self._keys, whose)
        return {
            "at": mail.received,
            "mail": mail.id,
            "rule": rule,
            "compartment": whose,
            "sender_domain": domain_of(outline.sender),
            "sealed": vault.seal(codec.dump(outline), keys, _CONTEXT),
        }


class Monitored:
    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def page(
        self, rule: str = "", compartments: Collection[str] = (), before: int | None = None
    ) -> tuple[Case, ...]:
        """Those that nobody judged, newest first. before: the id of the last one shown."""
        query = select(monitored).where(monitored.c.judged.is_(None), *_of(compartments))
        if rule:
            query = query.where(monitored.c.rule == rule)
        if before is not None:
            query = query.where(monitored.c.id < before)
        query = query.order_by(monitored.c.id.desc()).limit(PAGE)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(
            Case(row.id, row.at, row.mail, row.rule, row.sender_domain, bytes(row.sealed))
            for row in rows
        )

    async def judge(
        self, ids: Collection[int], right: bool, who: str, compartments: Collection[str] = ()
    ) -> int:
        """How many of them nobody had judged before; on record, by rule."""
        said = RIGHT if right else FALSE_ALARM
        open_ = and_(monitored.c.id.in_(ids), monitored.c.judged.is_(None), *_of(compartments))
        judged = update(monitored).where(open_).values(judged=said).returning(monitored.c.rule)

        def work(connection: Connection) -> int:
            rules = Counter(connection.execute(judged).scalars())
            for rule, count in sorted(rules.items()):
                counts = {"rule": rule, "count": count, "as": said}
                note(connection, "qualified", self._clock(), who=who, counts=counts)
            return rules.total()

        return await self._database.write(work)

    async def by_rule(self, compartments: Collection[str] = ()) -> Mapping[str, Judged]:
        number = func.count().label("number")
        query = select(monitored.c.rule, monitored.c.judged, number).where(*_of(compartments))
        query = query.group_by(monitored.c.rule, monitored.c.judged)
        rows = await self._database.read(lambda c: c.execute(query).all())
        counts = {(row.rule, row.judged): row.number for row in rows}
        return {
            rule: Judged(*(counts.get((rule, said), 0) for said in (None, RIGHT, FALSE_ALARM)))
            for rule in {row.rule for row in rows}
        }


def _of(compartments: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (monitored.c.compartment.in_(compartments),) if compartments else ()
