"""Who guessed passwords too often, and must wait. Counts for one process, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict

GUESSES = 10  # wrong passwords of one client …
WINDOW_SECONDS = 600.0  # … within this time
MOST_CLIENTS = 10_000  # remembered at once; the oldest are forgotten first


class Lockout:
    def __init__(self) -> None:
        self._guesses: OrderedDict[str, list[float]] = OrderedDict()

    def note(self, client: str, now: float) -> None:
        """A wrong password. now: seconds, of any clock that does not go back."""
        self._guesses[client] = [*self._recent(client, now), now][-GUESSES:]
        self._guesses.move_to_end(client)
        if len(self._guesses) > MOST_CLIENTS:
            self._guesses.popitem(last=False)

    def holds(self, client: str, now: float) -> bool:
        return len(self._recent(client, now)) >= GUESSES

    def _recent(self, client: str, now: float) -> list[float]:
        return [at for at in self._guesses.get(client, ()) if at > now - WINDOW_SECONDS]
