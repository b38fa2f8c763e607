"""Whether a held mail can be sent by a protected way, to each of those it is still held for."""

from __future__ import annotations

from collections.abc import Callable, Collection

from gateway.model import Mail
from gateway.store.holds import Opened
from gateway.store.schema import State

WhyNot = Callable[[Mail, str], str]
"""What keeps every protected way from this mail for this recipient; "" where one fits."""


def unfit(
    why_not: WhyNot, opened: Opened, positions: Collection[int] | None = None
) -> dict[str, str]:
    """Addresses that no protected way leads to, and why. positions: of recipients; None: all."""
    addresses = opened.mail.envelope.addresses
    waiting = (copy.position for copy in opened.held.copies if copy.state is State.HELD)
    wanted = [addresses[one] for one in waiting if positions is None or one in positions]
    told = {address: why_not(opened.mail, address) for address in wanted}
    return {address: why for address, why in told.items() if why}
