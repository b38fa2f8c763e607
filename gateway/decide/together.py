"""All or nothing within a message: a rule may say `together: true`.

Then, where one of its recipients has no channel, the whole message takes what that rule says
otherwise, for whoever would have had it by a milder order: a half-sent file is worse than a held
one where its recipients must all have the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.model import Verdict

REASON = "retenu avec les autres : une voie chiffrée manque à l'un des destinataires"


def together(verdicts: Sequence[Verdict], lost: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """lost: of recipients without a channel, as they have become."""
    binding = [verdict for verdict in lost if verdict.together]
    if not binding:
        return tuple(verdicts)
    worst = max(binding, key=lambda verdict: verdict.disposition.strictness)
    return tuple(
        verdict
        if verdict.disposition.strictness >= worst.disposition.strictness
        else replace(
            worst,
            recipient=verdict.recipient,
            reasons=(*worst.reasons[:1], REASON),
            monitored=verdict.monitored,
        )
        for verdict in verdicts
    )
