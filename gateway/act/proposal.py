"""A recipient's other address, where he has one in the MSSanté space: told to who wrote to him, and
used for nothing by itself. Known from the operator's own file of correspondents alone, since a name
in a directory may be a namesake's."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gateway.act.correspondents import shown
from gateway.act.letter import Block, Rows, Words

MOST = 20  # of one mail


def blocks(recipients: Iterable[str], secure: Callable[[str], str]) -> list[Block]:
    """() where nobody has one."""
    known = tuple((shown(one), secure(one)) for one in recipients if secure(one))
    if not known:
        return []
    return [
        Words("Boîte MSSanté de votre correspondant, où vous pouvez lui écrire depuis la vôtre :"),
        Rows(known[:MOST], indent=2),
    ]
