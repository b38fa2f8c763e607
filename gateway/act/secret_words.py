"""How the sender is told the secret of an encrypted document, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.act.correspondents import shown
from gateway.act.letter import Block, Rows, Words

MAX_NAMED = 20  # recipients; a letter is no list


def blocks(secret: str, texted: Sequence[str] = ()) -> tuple[Block, ...]:
    """texted: whose telephones have been sent it."""
    return (
        *([_sent(texted)] if texted else []),
        Words("Le mot de passe, à donner par téléphone :"),
        Rows(((secret, ""),), indent=2),
        Words(
            "Il s'écrit en petites lettres, avec les tirets. Il ne sert que pour ce message : "
            "gardez-le jusqu'à ce que le document soit ouvert."
        ),
        Words(
            "Ne l'envoyez pas par courriel : si l'adresse est fausse, une autre personne "
            "aurait le document et le mot de passe. Assurez-vous d'abord que la personne au "
            "téléphone est bien celle à qui vous avez écrit."
        ),
    )


def _sent(texted: Sequence[str]) -> Words:
    names = ", ".join(map(shown, texted[:MAX_NAMED])) + "…" * (len(texted) > MAX_NAMED)
    return Words(
        f"Un SMS avec le mot de passe a été envoyé à : {names}. Donnez-le par téléphone à qui ne "
        "l'a pas reçu."
    )
