"""Where every copy of a mail is, by its bytes: in the store, at the next hop, with its client."""

from __future__ import annotations

import email
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from gateway.model import Client as Peer
from gateway.model import Disposition, Envelope, Mail, Recipient
from gateway.store.outbox import RELEASE
from gateway.store.schema import State, copies, events, holds, memory, outbox
from tests.custody.clients import Client
from tests.custody.house import HOLDING, SEALED, Progress, order_of
from tests.custody.scenario import CONTENT, Scenario
from tests.custody.states import STATES, Evidence
from tests.fakes import NextHop
from tests.stores import Store

_SECRET = re.compile(rb"secret-[0-9a-f]{16}")
_POSTS = select(outbox).order_by(outbox.c.id)
_COUNTS = [select(func.count()).select_from(one) for one in (holds, copies, memory, events)]
_ADDRESS = re.compile(r"<([^>]*)>")


@dataclass(slots=True)
class AtTheHop:
    """clear, sealed: how often for each address. secrets: of what came sealed; told: in letters.
    letters: how many of ours came."""

    clear: Counter[str] = field(default_factory=Counter)
    sealed: Counter[str] = field(default_factory=Counter)
    secrets: set[bytes] = field(default_factory=set)
    told: set[bytes] = field(default_factory=set)
    letters: int = 0

    @classmethod
    def of(cls, hop: NextHop) -> AtTheHop:
        found = cls()
        for one in hop.taken:
            addresses = [_ADDRESS.findall(rcpt)[0] for rcpt in one.rcpts]
            if one.content.endswith(CONTENT):
                found.clear.update(addresses)
            elif SEALED in one.content:
                found.sealed.update(addresses)
                found.secrets |= set(_SECRET.findall(one.content))
            else:
                found.letters += 1
                found.told |= set(_SECRET.findall(_text(one.content)))
        return found


def _text(letter: bytes) -> bytes:
    parts = email.message_from_bytes(letter).walk()
    return b"\n".join(part.get_payload(decode=True) or b"" for part in parts)


@dataclass(frozen=True, slots=True)
class InTheStore:
    """rows: the states of an address's copies, in all holds; each of these was opened.
    posts: rows of the outbox. counts: of rows and of files."""

    rows: Mapping[str, list[str]]
    posts: tuple[Any, ...]
    counts: tuple[int, ...]
    now: float

    @classmethod
    async def of(cls, store: Store) -> InTheStore:
        rows: dict[str, list[str]] = {}
        for held in await store.holds.list():
            opened = await store.holds.open(held.id, store.private)
            assert opened is not None
            assert opened.mail.content.endswith(CONTENT)
            for copy in held.copies:
                address = opened.mail.envelope.addresses[copy.position]
                waits = held.awaits and copy.state is State.HELD
                rows.setdefault(address, []).append("waits" if waits else copy.state.value)
        posts, counts = await store.database.read(
            lambda c: (
                tuple(c.execute(_POSTS).all()),
                [c.execute(one).scalar_one() for one in _COUNTS],
            )
        )
        return cls(rows, posts, (*counts, len(store.blob_names())), store.now)

    def of_letters(self, kind: str = "") -> list[Any]:
        return [p for p in self.posts if p.kind != RELEASE and kind in ("", p.kind)]

    def post(self, *, letter: bool) -> str:
        """What became of the last release, or of the last letter."""
        those = [p for p in self.posts if (p.kind != RELEASE) is letter]
        if not those:
            return ""
        leased = those[-1].state == "waiting" and those[-1].leased_until > self.now
        return "leased" if leased else those[-1].state


async def evidence(
    scenario: Scenario, store: Store, hop: NextHop, client: Client, progress: Progress
) -> tuple[dict[str, Evidence], str]:
    """Of each copy; and all that those who come after a death can see of it."""
    there, here = AtTheHop.of(hop), await InTheStore.of(store)
    secrets = here.of_letters("secret")
    remembered = await store.memory.recall(_as_brought(scenario))
    stays = scenario.door == "milter" and set(map(order_of, scenario.to)) == {Disposition.PASS}

    def of(address: str) -> Evidence:
        of_a_secret = address.startswith("secret.")
        is_letter = address == scenario.sender
        return Evidence(
            order_of(address),
            whole=progress.whole,
            begun=address in progress.begun,
            heard=client.heard[address] if scenario.door else None,
            milter=stays,
            kept=client.kept,
            taken=bool(there.clear[address] + there.sealed[address] + is_letter * there.letters),
            remembered=address in remembered,
            row=here.rows.get(address, [""])[0],
            post="" if scenario.door else here.post(letter=is_letter),
            parked=of_a_secret and any(p.due > here.now for p in secrets),
            told=of_a_secret and any(p.due <= here.now for p in secrets),
            reported=address.startswith(("unknown.", "never.")) and bool(here.of_letters("report")),
            protected=scenario.protected,
        )

    found = {address: of(address) for address in scenario.to}
    due = [(post.kind, post.state, post.attempts) for post in here.posts]
    taken = [(one.rcpts, len(one.content)) for one in hop.taken]
    return found, repr((found, here.counts, due, taken, hop.says))


def _as_brought(scenario: Scenario) -> Mail:
    envelope = Envelope(scenario.sender, tuple(map(Recipient, scenario.to)))
    return Mail("0000-0000", scenario.door, Peer(), envelope, CONTENT, b"", 0.0, 0.0)


async def complaints(
    scenario: Scenario, store: Store, hop: NextHop, client: Client, killed_in: Mapping[str, str]
) -> list[str]:
    """What is lost, doubled or untold in the end."""
    there, here = AtTheHop.of(hop), await InTheStore.of(store)
    wrong = []
    for address, state in killed_in.items():
        found = (
            there.clear[address] + client.kept + (address == scenario.sender) * there.letters,
            there.sealed[address],
            here.rows.get(address, []),
        )
        most = 2 if STATES[state].again else 1
        if not _as_it_should_be(scenario, address, found, most):
            wrong.append(f"{address}, killed in {state}: clear, sealed, held = {found}")
        if scenario.door and address in client.waiting:
            wrong.append(f"{address}, killed in {state}: never answered")
    if there.secrets - there.told:
        wrong.append("sealed with a secret that nobody was told")
    posted = Counter(post.kind for post in here.of_letters())
    secrets = posted.pop("secret", 0)  # told again where it was sealed again
    if secrets < scenario.secrets or posted != Counter(scenario.letters):
        wrong.append(f"letters: {secrets} of secrets, {posted}")
    left = [(p.kind, p.state) for p in here.posts if p.state != "done"]
    if [one for one in left if one != (RELEASE, "given_up")]:  # that went back to the officer
        wrong.append(f"not sent: {left}")
    return wrong


def _as_it_should_be(
    scenario: Scenario, address: str, found: tuple[int, int, list[str]], most: int
) -> bool:
    clear, sealed, rows = found
    once = range(1, most + 1)
    match order_of(address):
        case Disposition.ENCRYPT:
            return clear == 0 and sealed in once and not rows
        case order if order in HOLDING and scenario.ends == "released":
            left, other = (sealed, clear) if scenario.protected else (clear, sealed)
            return left in once and other == 0 and rows == ["released"]
        case order if order in HOLDING:
            return clear == sealed == 0 and rows == [scenario.ends]
        case Disposition.REJECT:
            return clear == sealed == 0 and not rows
    if address.startswith("kept."):
        return clear == sealed == 0 and rows == ["held"]
    if address.startswith("unknown."):
        return clear == sealed == 0 and not rows
    return clear in once and sealed == 0 and not rows
