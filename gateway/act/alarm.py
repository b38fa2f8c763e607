"""Letters to the officers about the gateway itself: it is left out, or does not see what it must.

About no mail and no person. Sent every hour while the trouble stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.act.calendar import WorkingDays
from gateway.act.letter import Block, Words, compose
from gateway.model import Letter, Recipient

BYPASS, CANARY = "bypass", "canary"  # kinds of letters


def uncontrolled(
    since: float, now: float, *, sender: str, to: Sequence[str], calendar: WorkingDays
) -> Letter | None:
    when = calendar.in_words(since)
    blocks = (
        Words("Bonjour,"),
        Words(
            f"Depuis le {when}, le courrier part sans passer par la passerelle : personne ne lit "
            "ce qui sort, et rien n'est retenu."
        ),
        Words(
            "C'est un contournement déclaré. Il dure jusqu'à ce que l'exploitation fasse "
            "revenir le courrier et le dise : vaguemestre bypass off. Les commandes sont dans "
            "docs/operateur/contournement.md."
        ),
        Words("Ce rappel part toutes les heures."),
    )
    return _letter(BYPASS, f"Sans contrôle depuis le {when}", blocks, sender, to, now)


def unseen(now: float, *, sender: str, to: Sequence[str]) -> Letter | None:
    blocks = (
        Words("Bonjour,"),
        Words(
            "La passerelle s'envoie chaque minute un message d'essai qu'elle doit retenir. "
            "Elle ne l'a pas retenu : de vrais messages peuvent partir sans être arrêtés, ou "
            "attendre sans être lus."
        ),
        Words(
            "À faire voir tout de suite par l'exploitation : le journal (canary), la mesure "
            "vaguemestre_canary_failing, et la page /readyz disent quelle partie est en cause. "
            "Au besoin, arrêtez la passerelle : votre serveur garde alors le courrier."
        ),
        Words("Ce rappel part toutes les heures tant que l'essai échoue."),
    )
    return _letter(
        CANARY, "La passerelle ne retient plus son message d'essai", blocks, sender, to, now
    )


def _letter(
    kind: str, subject: str, blocks: Sequence[Block], sender: str, to: Sequence[str], now: float
) -> Letter | None:
    if not to:
        return None
    content = compose(subject, blocks, sender=sender, to=tuple(to), when=now)
    return Letter(kind, "", tuple(Recipient(one) for one in to), content)
