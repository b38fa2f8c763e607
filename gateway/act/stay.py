"""PASS at a milter: the mail stays with the MTA in front of us, which delivers it.

Nothing is sent and nothing kept; so what was passed is never remembered either: a retry, through
whatever door, finds it still to be done. But it stays for all of its recipients or for none: an MTA
that is asked to take one off does not say whether it found him, and whom it did not find gets in
clear what we have held (Postfix looks for the address as first given, or for what a rewriting made
of it). Where not all may have the mail, those who may get it from us, as from any other door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.act import header
from gateway.act.pass_on import coverage_field
from gateway.model import Disposition, Inspection, Mail, Receipt, Reply, Stay, Verdict
from gateway.ports import Action


@dataclass(frozen=True, slots=True)
class LeaveWithMta:
    """otherwise: PASS of the other doors.

    say_coverage: ask the MTA to add X-Vaguemestre-Coverage. stamp: as of `PassOn`.
    """

    otherwise: Action
    say_coverage: bool = False
    stamp: Callable[[bytes, Mail], bytes] = lambda added, mail: added

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        may_have_it = {verdict.recipient for verdict in verdicts}
        if mail.apart or not may_have_it.issuperset(mail.envelope.addresses):
            return await self.otherwise(mail, verdicts, seen)
        added = b""
        if self.say_coverage:
            added = await asyncio.to_thread(self.stamp, coverage_field(seen), mail)
        reply = Reply(250, "2.0.0", ("Ok",), Stay(tuple(_taken_apart(added))))
        return tuple(Receipt(v.recipient, Disposition.PASS, reply, "stays") for v in verdicts)


def _taken_apart(added: bytes) -> Iterator[tuple[bytes, bytes]]:
    for _, raw in header.read(added).fields:
        name, _, value = raw.removesuffix(b"\r\n").partition(b":")
        yield name, value.removeprefix(b" ")
