"""How much a door carries at this moment, in this process: connections and mail in memory."""

from __future__ import annotations

from collections import Counter


class Load:
    """octets: of mail being received or decided upon."""

    def __init__(self) -> None:
        self.octets = 0
        self._clients: Counter[str] = Counter()

    def enter(self, client: str) -> None:
        self._clients[client] += 1

    def leave(self, client: str) -> None:
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]

    def of_client(self, client: str) -> int:
        return self._clients[client]

    @property
    def connections(self) -> int:
        return self._clients.total()
