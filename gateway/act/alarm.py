"""Letters to the officers about the gateway itself: it is left out, or does not see what it must.

About no mail and no person. Sent every hour while the trouble stands; of
certificates, every week; of the white list, every day.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.act.calendar import WorkingDays
from gateway.act.letter import Block, Words, compose
from gateway.model import Letter, Recipient

BYPASS, CANARY, EXPIRING = "bypass", "canary", "certificates"  # kinds of letters
WHITE_LIST = "white_list"


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


def expiring(count: int, days: int, now: float, *, sender: str, to: Sequence[str]) -> Letter | None:
    """Once a week while some are about to end."""
    several = f"{count} certificats de chiffrement expirent"
    what = several if count > 1 else "Un certificat de chiffrement expire"
    blocks = (
        Words("Bonjour,"),
        Words(
            f"{what} dans les {days} jours. Passé ce terme, le courrier de ces correspondants "
            "prendra une autre voie protégée, ou attendra s'il n'y en a pas ; il ne partira jamais "
            "en clair."
        ),
        Words(
            "À faire par l'exploitation : vaguemestre certificates list --expiring les nomme. Le "
            "nouveau certificat se demande au correspondant, et se dépose par vaguemestre "
            "certificates import ; celui d'un annuaire ou d'un message signé arrive de lui-même."
        ),
    )
    return _letter(EXPIRING, "Certificats proches de leur terme", blocks, sender, to, now)


def white_list_old(
    days: int | None, *, out: bool, now: float, sender: str, to: Sequence[str]
) -> Letter | None:
    """Once a day. days: since it was last had; None: never. out: it is in force no more."""
    since = "n'a encore jamais été reçue" if days is None else f"date de {days} jours"
    if out:
        effect = "Plus rien ne part vers MSSanté : ces messages attendent à votre serveur."
    else:
        effect = "Elle vaut encore ; passé son terme, plus rien ne partira vers MSSanté."
    blocks = (
        Words("Bonjour,"),
        Words(f"La liste blanche MSSanté {since}. {effect}"),
        Words(
            "À faire par l'exploitation : vaguemestre mssante check dit ce qui manque. Le journal "
            "(white list not had) dit pourquoi elle n'a pas été reçue."
        ),
        Words("Ce rappel part chaque jour."),
    )
    return _letter(
        WHITE_LIST, "La liste blanche MSSanté n'est plus à jour", blocks, sender, to, now
    )


def _letter(
    kind: str, subject: str, blocks: Sequence[Block], sender: str, to: Sequence[str], now: float
) -> Letter | None:
    if not to:
        return None
    content = compose(subject, blocks, sender=sender, to=tuple(to), when=now)
    return Letter(kind, "", tuple(Recipient(one) for one in to), content)
