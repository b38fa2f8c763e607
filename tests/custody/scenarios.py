"""The journeys that are killed at each of their points. To add one is to add its entry."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model import Disposition
from gateway.reviewing import Readers, Reviewing
from gateway.store.accounts import Accounts
from gateway.store.votes import Votes
from gateway.waits_clock import Deadlines
from tests.custody.house import DAY, releasing
from tests.custody.scenario import CONTENT, Scenario
from tests.makers.held import SENDER, a_hold, a_letter, a_mail
from tests.makers.waiting import a_waiting_hold
from tests.release import Quiet, a_clockwork, some_notices
from tests.stores import Store

PASS, FULL, UNKNOWN = "pass.a@mail.example", "full.b@mail.example", "unknown.c@mail.example"
KEPT = "kept.c@mail.example"
HELD, ALSO = "held.d@mail.example", "held.e@mail.example"
ASKED = "asked.i@mail.example"
NEVER = "never.f@mail.example"
SECRET, SEALED = "secret.g@mail.example", "sealed.h@mail.example"
HOUR = 3600.0
STRANGER = "somebody@dehors.example"
CODE = a_mail().id
READER = "lea"

_FULL = {"RCPT TO:<full.": ("452 4.2.2 full",)}
_UNKNOWN = {f"RCPT TO:<{who}.": "550 5.1.1 unknown" for who in ("unknown", "kept")}
_PUT_OFF = {"RCPT TO:<held.": ("451 4.3.0 later",)}
_REFUSED = {"RCPT TO:<held.": ("550 5.1.1 unknown",)}
_NOTICE = {"notice": 1}


def _plain(door: str) -> Iterator[Scenario]:
    """One order for all."""
    sent = "S2m" if door == "milter" else "S2 S3"
    yield Scenario("pass", (PASS,), f"S0 S1 {sent} S9", door)
    yield Scenario("hold", (HELD,), "S0 S1 S4 S5 S9", door, letters=_NOTICE)
    told = {"letters": {"question": 1}, "ends": "waits"}
    yield Scenario("ask its sender", (ASKED,), "S0 S1 S4 S5 S9", door, **told)
    yield Scenario("reject", (NEVER,), "S0 S1 S2 S9", door)
    yield Scenario("encrypt", (SEALED,), "S0 S1 S2 S3 S3r S9", door)
    yield Scenario("encrypt with a secret", (SECRET,), "S0 S1 S2 S2e S6 S7 S9", door, secrets=1)


def _mixed(door: str) -> Iterator[Scenario]:
    """Verdicts that differ. Where there is one reply for all, what is done is remembered before it,
    and what is refused is told by mail."""
    one = door != "lmtp"
    told = {"says": _UNKNOWN, "letters": {"report": 1} if one else {}}
    sent = "S0 S1 S2 S3 S3r" if one else "S0 S1 S2 S3"
    yield Scenario(
        "some of each",
        (PASS, HELD, SECRET),
        "S0 S1 S2 S2e S3 S3r S4 S5 S6 S7 S9",
        door,
        letters=_NOTICE,
        secrets=1,
    )
    yield Scenario(
        "some must wait",
        (PASS, FULL, HELD),
        f"{sent} S4 S5 S8 S9",
        door,
        says=_FULL,
        letters=_NOTICE,
    )
    yield Scenario("some rejected", (NEVER, PASS), f"{sent} S9", door, **told)
    if door != "milter":  # where those stay with the MTA
        yield Scenario("some refused by the next hop", (UNKNOWN, PASS), f"{sent} S9", door, **told)
    yield Scenario(
        "the client vanishes",
        (PASS, HELD),
        "S0 S1 S2 S3 S3r S4 S5",
        door,
        vanishes=True,
        letters=_NOTICE,
    )


def arriving() -> Iterator[Scenario]:
    for door in ("smtp", "lmtp", "milter"):
        yield from _plain(door)
        yield from _mixed(door)
    yield Scenario(
        "some refused, and nobody to tell",
        (KEPT, PASS),
        "S0 S1 S2 S3 S3r S5 S9",
        "smtp",
        sender=STRANGER,
        says=_UNKNOWN,
    )


async def _held(store: Store, hop: int, to: tuple[str, ...] = (HELD,), code: str = CODE) -> None:
    mail = a_mail(code, content=CONTENT, to=to)
    await store.custody.hold(mail, a_hold(mail), (), ())


async def _released(store: Store, hop: int) -> None:
    await store.holds.release(CODE, "dpo")


async def _protected(store: Store, hop: int) -> None:
    await store.holds.release(CODE, "dpo", encrypted=True)


async def _rejected(store: Store, hop: int) -> None:
    await store.holds.reject(CODE, "dpo", letters=[a_letter()])


async def _ordered(store: Store, hop: int) -> None:
    await _held(store, hop)
    await _released(store, hop)


async def _both_ordered(store: Store, hop: int) -> None:
    await _held(store, hop, (HELD, ALSO))
    await _released(store, hop)


async def _one_ordered(store: Store, hop: int) -> None:
    await _held(store, hop, (HELD, ALSO))
    await store.holds.release(CODE, "dpo", positions=[0])


async def _protected_ordered(store: Store, hop: int) -> None:
    await _held(store, hop)
    await _protected(store, hop)


async def _sending(store: Store, hop: int) -> None:
    """One look of a release process."""
    release = releasing(store, hop, "dead:1")
    await release.drain()
    await release.relay.close()


async def _sending_twice(store: Store, hop: int) -> None:
    await _sending(store, hop)
    store.now += HOUR
    await _sending(store, hop)


async def _expiring(store: Store, hop: int) -> None:
    """From the reminder to the end, by a clock that goes on in between."""
    clockwork = a_clockwork(store)
    for _ in range(3):
        store.now += 2 * DAY
        await clockwork.remind()
        await clockwork.expire()


async def _waiting(store: Store, hop: int, kind: str, unanswered: str) -> None:
    mail = a_mail(CODE, content=CONTENT, to=(ASKED,))
    hold = a_waiting_hold(mail, kind=Disposition(kind), unanswered=unanswered)
    await store.custody.hold(mail, hold, (), ())


async def _asked(store: Store, hop: int) -> None:
    await _waiting(store, hop, "confirm", "cancel")


async def _delayed(store: Store, hop: int) -> None:
    await _waiting(store, hop, "delay", "send")


async def _to_be_read(store: Store, hop: int) -> None:
    """By one second reader."""
    accounts = Accounts(store.database, store.public, store.hmac, clock=store.clock)
    await accounts.add(READER, ["reviewer"], address=f"{READER}@chu.example")
    await _waiting(store, hop, "review", "quarantine")


async def _kept(store: Store, hop: int) -> None:
    await store.waits.grant(CODE, "confirmed", "sender")


async def _hour_over(store: Store, hop: int) -> None:
    store.now += DAY
    await Deadlines(store.waits, some_notices(), store.private, Quiet())(store.now)


async def _agreed(store: Store, hop: int) -> None:
    """He says so on the console; and what the clock does for one that died before it followed."""
    await _said(store, agrees=True)


async def _objected(store: Store, hop: int) -> None:
    await _said(store, agrees=False)


async def _said(store: Store, *, agrees: bool) -> None:
    votes = Votes(store.database, store.public, store.hmac, {}, clock=store.clock)
    notices, opening = some_notices(), store.private
    reviewing = Reviewing(votes, store.waits, store.holds, notices, opening, store.clock)
    await votes.cast(CODE, READER, agrees, "")
    await reviewing.settle(CODE)
    await Readers(reviewing, Quiet())(store.now)


async def _beside_one_decided(store: Store, hop: int) -> None:
    await _held(store, hop)
    await _held(store, hop, (ALSO,), "2222-2222")
    await store.holds.reject("2222-2222", "dpo")


async def _erasing(store: Store, hop: int) -> None:
    store.now += 8 * DAY
    await a_clockwork(store).retain()


async def _letter_posted(store: Store, hop: int) -> None:
    await store.outbox.post([a_letter()], store.public)


_SENT = "S11 S12 S13 S14"
LATER = (  # what becomes of it in the store, and of our letters
    Scenario(
        "release ordered",
        (HELD,),
        "S10 S11",
        prepare=_held,
        work=_released,
        rule=_released,
        ends="released",
        letters=_NOTICE,
    ),
    Scenario(
        "release",
        (HELD, ALSO),
        _SENT,
        prepare=_both_ordered,
        work=_sending,
        ends="released",
        letters=_NOTICE,
    ),
    Scenario(
        "release of some",
        (HELD, ALSO),
        f"S10 {_SENT}",
        prepare=_one_ordered,
        work=_sending,
        rule=_released,
        ends="released",
        letters={"notice": 2},
    ),
    Scenario(
        "release put off",
        (HELD,),
        _SENT,
        prepare=_ordered,
        work=_sending_twice,
        says=_PUT_OFF,
        ends="released",
        letters=_NOTICE,
    ),
    Scenario(
        "release refused once",
        (HELD,),
        "S10 S11 S12",
        prepare=_ordered,
        work=_sending,
        rule=_released,
        says=_REFUSED,
        ends="released",
        letters=_NOTICE,
    ),
    Scenario(
        "protected release ordered",
        (HELD,),
        "S10 S11e",
        prepare=_held,
        work=_protected,
        rule=_protected,
        ends="released",
        protected=True,
        letters=_NOTICE,
        secrets=1,
    ),
    Scenario(
        "protected release",
        (HELD,),
        "S11e S12 S13 S14",
        prepare=_protected_ordered,
        work=_sending,
        ends="released",
        protected=True,
        letters=_NOTICE,
        secrets=1,
    ),
    Scenario(
        "refused by the officer",
        (HELD,),
        "S10 S16",
        prepare=_held,
        work=_rejected,
        rule=_rejected,
        ends="rejected",
        letters=_NOTICE,
    ),
    Scenario(
        "expiry",
        (HELD,),
        "S10 S15",
        prepare=_held,
        work=_expiring,
        rule=_expiring,
        ends="expired",
        letters={"notice": 1, "reminder": 1},
    ),
    Scenario(
        "kept by its sender",
        (ASKED,),
        "S10w S11",
        prepare=_asked,
        work=_kept,
        rule=_kept,
        ends="released",
        letters=_NOTICE,
    ),
    Scenario(
        "its minutes over",
        (ASKED,),
        "S10w S11",
        prepare=_delayed,
        work=_hour_over,
        rule=_hour_over,
        ends="released",
        letters=_NOTICE,
    ),
    Scenario(
        "its sender silent",
        (ASKED,),
        "S10w S15",
        prepare=_asked,
        work=_hour_over,
        rule=_hour_over,
        ends="expired",
        letters=_NOTICE,
    ),
    Scenario(
        "read by nobody in time",
        (ASKED,),
        "S10w S10",
        prepare=_to_be_read,
        work=_hour_over,
        rule=_hour_over,
        letters={"notice": 2},
    ),
    Scenario(
        "approved by a second reader",
        (ASKED,),
        "S10w S11",
        prepare=_to_be_read,
        work=_agreed,
        rule=_agreed,
        ends="released",
        letters=_NOTICE,
    ),
    Scenario(
        "refused by a second reader",
        (ASKED,),
        "S10w S10",
        prepare=_to_be_read,
        work=_objected,
        rule=_objected,
        letters={"notice": 2},
    ),
    Scenario(
        "erasure of another",
        (HELD,),
        "S10",
        prepare=_beside_one_decided,
        work=_erasing,
        rule=_erasing,
    ),
    Scenario("letter", (SENDER,), _SENT, prepare=_letter_posted, work=_sending, letters=_NOTICE),
)


def every() -> Iterator[Scenario]:
    yield from arriving()
    yield from LATER
