"""What a milter's MTA is told at the end of a mail, or instead of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.model import Reply
from gateway.receive import milter_wire as wire
from gateway.receive import wording
from gateway.receive.hand_over import one_for_all
from gateway.receive.milter_mail import MilterMail


def told(reply: Reply) -> bytes:
    """Postfix takes a reply without a fitting enhanced code (of a next hop, say) for the word of a
    broken milter, and would have the client try for ever."""
    kind = reply.code // 100
    if not reply.enhanced.startswith(f"{kind}."):
        reply = replace(reply, enhanced=f"{kind}.0.0")
    return wire.replied(wording.wire(reply))


def answered(shown: MilterMail, replies: Mapping[str, Reply]) -> bytes:
    """What the MTA is told at the end of a mail: it is discarded only where all is done and nobody
    is left on it, and kept only where all are."""
    reply = one_for_all(replies)
    if not reply.accepted:
        return told(reply)
    staying = [reply.stay for reply in replies.values() if reply.stay is not None]
    if not staying:
        return wire.DISCARD
    if len(staying) < len(replies):
        raise ValueError("some recipients stay, and the MTA would keep the others as well")
    change, space = staying[0], b" " if shown.spaced else b""
    packets = [wire.with_header(0, name, space + value) for name, value in reversed(change.fields)]
    if change.body is not None:
        packets.append(wire.with_body(change.body))
    return b"".join((*packets, wire.ACCEPT))
