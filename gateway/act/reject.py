"""REJECT: a 550 5.7.1 that says what to do next, and nothing of what was found.

RFC 5321, 4.5.3.1.5: a reply line has at most 512 octets; replies are US-ASCII, so accents are
taken off whatever text we are given. RFC 3463: 5.7.1, delivery not authorised.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.model import Disposition, Inspection, Mail, Receipt, Reply, Verdict

WIDTH = 512 - len("550-5.7.1 \r\n")
MAX_LINES = 20  # what a mail program may still show
_SPELT = str.maketrans({"’": "'", "«": '"', "»": '"', "œ": "oe", "Œ": "OE", "…": "...", "–": "-"})


@dataclass(frozen=True, slots=True)
class Reject:
    """text: the refusal for this mail, in French, one line a reply line. advice: in its place,
    what one verdict asks to be said; "" for most. hint: a line beside it, "" for most."""

    text: Callable[[Mail], str]
    advice: Callable[[Verdict], str] = lambda verdict: ""
    hint: Callable[[Verdict], str] = lambda verdict: ""

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        return tuple(
            Receipt(verdict.recipient, Disposition.REJECT, self._reply(mail, verdict))
            for verdict in verdicts
        )

    def _reply(self, mail: Mail, verdict: Verdict) -> Reply:
        advice = self.advice(verdict)
        if advice:
            return Reply(550, "5.7.1", as_lines(f"{advice}\nCode du dossier : {mail.id}"))
        lines = self.text(mail).splitlines()
        lines[-1:-1] = filter(None, [self.hint(verdict)])  # the last one tells whom to ask
        return Reply(550, "5.7.1", as_lines("\n".join(lines)))


def as_lines(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text.translate(_SPELT))
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    lines = [
        short
        for line in bare.splitlines()
        for short in textwrap.wrap(line, WIDTH, break_on_hyphens=False)
    ]
    return tuple(map(_printable, lines[:MAX_LINES])) or ("Refus",)


def _printable(line: str) -> str:
    return "".join(c if " " <= c <= "~" else "?" for c in line)
