"""The states of docs/custody.md, and in which of them a copy was when its process was killed.

A state is told by the evidence, not by what the process was about to do: what the client had heard,
what the next hop had taken, which rows the store had. The page's table and `STATES` are held
against each other by `test_every_await`.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.decide.terms import WAITS
from gateway.model import Disposition

CLIENT, MTA, HOP, STORE = "client", "MTA", "next hop", "store"


@dataclass(frozen=True, slots=True)
class State:
    """holders: each of these has the copy; of `any_of`, one at least. again: a second copy may
    come."""

    holders: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()
    again: bool = False


def _held_by(*holders: str, again: bool = False) -> State:
    return State(frozenset(holders), again=again)


STATES = {
    "S0": _held_by(CLIENT),
    "S1": _held_by(CLIENT),
    "S2": _held_by(CLIENT),
    "S2e": _held_by(CLIENT),
    "S2m": _held_by(MTA),
    "S3": _held_by(HOP, CLIENT, again=True),
    "S3r": _held_by(HOP, CLIENT),
    "S4": _held_by(CLIENT),
    "S5": _held_by(STORE, CLIENT),
    "S6": _held_by(HOP, CLIENT, again=True),
    "S7": _held_by(HOP, CLIENT),
    "S8": State(any_of=frozenset((CLIENT, HOP, STORE))),
    "S9": State(any_of=frozenset((HOP, STORE, MTA))),
    "S10": _held_by(STORE),
    "S10w": _held_by(STORE),
    "S11": _held_by(STORE),
    "S11e": _held_by(STORE),
    "S12": _held_by(STORE),
    "S13": _held_by(STORE, HOP, again=True),
    "S14": _held_by(HOP),
    "S15": State(),
    "S16": State(),
}


_OF_ROW = {"held": "S10", "waits": "S10w", "released": "S14", "expired": "S15", "rejected": "S16"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one copy, once the process was dead and the next hop had read all it ever said.

    whole: the door had the mail whole. begun: the order for this copy had begun. heard: the code
    that its client had, 0 for none. milter: the mail is an MTA's own; kept: which has delivered it.
    taken: the next hop has it, in whatever form. remembered: for a retry. row: the state of its row
    in the store, "waits" while that is not the officers' yet, "" for none. post: of its outbox row:
    "waiting", "leased", "done". parked, told: the letter with its secret waits for the worst, or is
    posted. reported: its refusal is, by mail.
    protected: to be released so.
    """

    order: Disposition
    whole: bool = False
    begun: bool = False
    heard: int | None = None
    milter: bool = False
    kept: bool = False
    taken: bool = False
    remembered: bool = False
    row: str = ""
    post: str = ""
    parked: bool = False
    told: bool = False
    reported: bool = False
    protected: bool = False

    @property
    def refused(self) -> bool:
        """And that is known to the client or on its way to the sender."""
        return self.reported or (self.heard is not None and self.heard >= 500)

    @property
    def holders(self) -> frozenset[str]:
        answered = self.heard is None or self.heard // 100 in (2, 5)
        has = {
            CLIENT: not answered,
            MTA: self.milter and (self.kept or not answered),
            HOP: self.taken,
            STORE: self.row in ("held", "waits", "releasing") or self.post in ("waiting", "leased"),
        }
        return frozenset(who for who, true in has.items() if true)


def of(seen: Evidence) -> str:
    """heard None: no client brings it."""
    return _waiting(seen) if seen.heard is None else _arriving(seen)


def is_safe(state: str, seen: Evidence) -> bool:
    """Whether those have the copy whom the state names."""
    told = STATES[state]
    if not told.holders <= seen.holders:
        return False
    return not told.any_of or bool(told.any_of & seen.holders) or seen.refused


def _arriving(seen: Evidence) -> str:
    if seen.heard:
        return "S8" if seen.heard // 100 == 4 else "S9"
    if seen.row:
        return "S5"
    if seen.told:
        return "S7"
    if seen.parked:
        return "S6" if seen.taken else "S2e"
    if seen.taken:
        return "S3r" if seen.remembered else "S3"
    if not seen.begun:
        return "S1" if seen.whole else "S0"
    if seen.order in (Disposition.QUARANTINE, *WAITS):
        return "S4"
    return "S2m" if seen.milter else "S2"


def _waiting(seen: Evidence) -> str:
    if seen.row not in ("", "releasing"):
        return _OF_ROW[seen.row]
    if seen.post == "done":
        return "S14"
    if seen.taken:
        return "S13"
    if seen.post == "leased":
        return "S12"
    return "S11e" if seen.protected else "S11"
