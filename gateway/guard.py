"""How many wrong tickets or links one place may try before it is answered nothing for a while.

A ticket of 128 bits is not guessed; this keeps the trying from costing us anything. Counted in
memory, a window at a time, for as many places as are remembered; the oldest is forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict

WINDOW_SECONDS = 600.0
MOST_WRONG = 30  # a whole house may stand behind one address, and links get cut by mail programs
_MOST_PLACES = 10_000


class Guard:
    def __init__(self, most: int = MOST_WRONG) -> None:
        self._most = most
        self._places: OrderedDict[str, tuple[float, int]] = OrderedDict()  # window's end, how many

    def is_shut(self, place: str, now: float) -> bool:
        ends, wrong = self._places.get(place, (0.0, 0))
        return now < ends and wrong >= self._most

    def wrong(self, place: str, now: float) -> None:
        ends, wrong = self._places.pop(place, (0.0, 0))
        if now >= ends:
            ends, wrong = now + WINDOW_SECONDS, 0
        self._places[place] = (ends, wrong + 1)
        if len(self._places) > _MOST_PLACES:
            self._places.popitem(last=False)
