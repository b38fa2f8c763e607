"""What a journey is to the test that kills it; the journeys themselves are in `scenarios`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tests.fakes import Answer
from tests.makers.held import SENDER
from tests.stores import Store

CONTENT = (
    b"From: a@chu.example\r\nTo: b@mail.example\r\nMessage-ID: <fixed@chu.example>\r\n"
    b"Subject: resultats\r\n\r\ncanari-7f3a secret medical\r\n"
)

Work = Callable[[Store, int], Awaitable[object]]
"""Something done with a store and the port of a next hop."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """to: the first word of each address says what is to become of its copy (`house.ORDERS`); the
    sender's own is the letter that goes to him.

    states:   all in which copies are found, over all points: no more and no less.
    door:     by which a client brings it. vanishes: he hangs up before he is answered. "" for what
              happens later, by `work`, to what `prepare` left in the store.
    rule:     what an officer or the clock does afterwards, again and again.
    says:     of the next hop, as of `NextHop`; those in a tuple once each.
    ends:     where a copy that is held comes to.
    letters:  of ours in the end, by kind. secrets: and at least so many that tell one.
    """

    name: str
    to: tuple[str, ...]
    states: str
    door: str = ""
    vanishes: bool = False
    sender: str = SENDER
    prepare: Work | None = None
    work: Work | None = None
    rule: Work | None = None
    says: Mapping[str, Answer | tuple[Answer, ...]] = field(default_factory=dict)
    ends: str = "held"
    protected: bool = False
    letters: Mapping[str, int] = field(default_factory=dict)
    secrets: int = 0

    def answers(self) -> Mapping[str, Answer | list[Answer]]:
        """A fresh copy, which the hop will use up."""
        return {said: list(a) if isinstance(a, tuple) else a for said, a in self.says.items()}
