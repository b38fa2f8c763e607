"""Whether a held mail can be sent by a protected way, to each of those it is still held for."""

from __future__ import annotations

from collections.abc import Callable, Collection

from gateway.model import Mail
from gateway.store.holds import Opened
from gateway.store.schema import State

Fits = Callable[[Mail, str], bool]


def unfit(fits: Fits, opened: Opened, positions: Collection[int] | None = None) -> tuple[str, ...]:
    """Addresses that no protected way leads to. positions: of recipients; None: all."""
    addresses = opened.mail.envelope.addresses
    waiting = (copy.position for copy in opened.held.copies if copy.state is State.HELD)
    wanted = [addresses[one] for one in waiting if positions is None or one in positions]
    return tuple(address for address in wanted if not fits(opened.mail, address))
