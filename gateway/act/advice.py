"""What the sender can do instead, of one recipient: the address that he may have meant, or the same
person's box in the MSSanté space. Told to him, and used for nothing by itself.

An address that he may have meant is a colleague's, or one that he has written to himself: the
verdict brings it (`Verdict.instead`). A box is known from the operator's own file of correspondents
alone, since a name in a directory may be a namesake's. In the reply to a client, which others may
log, neither is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gateway.act.correspondents import shown
from gateway.act.letter import Block, Rows, Words
from gateway.model import Verdict

MOST = 20  # of one mail

Secure = Callable[[str], str]
"""An address -> that of the same person in the MSSanté space, or ""."""


def blocks(verdicts: Iterable[Verdict], secure: Secure) -> list[Block]:
    """For a letter; [] where there is nothing better. Each address once."""
    by_recipient = {verdict.recipient: verdict for verdict in verdicts}
    meant = tuple(
        (shown(here), shown(address))
        for here, verdict in sorted(by_recipient.items())
        for address in verdict.instead
    )
    boxes = tuple((shown(one), secure(one)) for one in sorted(by_recipient) if secure(one))
    told: list[Block] = []
    if meant:
        told += [
            Words("Vous vouliez peut-être écrire à l'adresse de droite, que vous connaissez :"),
            Rows(meant[:MOST], indent=2),
        ]
    if boxes:
        told += [
            Words(
                "Boîte MSSanté de votre correspondant, où vous pouvez lui écrire depuis la vôtre :"
            ),
            Rows(boxes[:MOST], indent=2),
        ]
    return told


def line(verdict: Verdict, secure: Secure) -> str:
    """For a reply: nothing in it that whoever wrote the address did not type."""
    if verdict.instead:
        return (
            "Cette adresse ressemble à une autre, que vous connaissez : comparez lettre par lettre."
        )
    if secure(verdict.recipient):
        return "Ce correspondant a une boîte MSSanté : écrivez-lui là, depuis la vôtre."
    return ""
