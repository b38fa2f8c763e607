"""Whether somebody writes back that a mail was not for him.

In his own first words, above what he quotes, in French or English; said of himself. What every
signature says (« si vous avez reçu ce message par erreur… ») is a condition, and says nothing.
Misses are expected: whoever says it in other words, or below the quoted mail, is not heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.decide.opening import opening
from gateway.decide.person import unaccented

_MOST = 600  # characters: it is said at once
_QUOTED = (">", "--", "__", "de :", "from:", "de:", "envoye :")  # an earlier mail, or a signature
_INTRODUCES = (" a ecrit :", " a ecrit:", " wrote:")
_SENTENCE = re.compile(r"[.!?\n]+")
_CONDITION = re.compile(r"\b(?:si (?:vous|tu|ce|cet|cette|le|la)|s'il|if (?:you|this))\b")
_WRONG = (
    r"(?:destinataire|correspondante?|interlocuteur|interlocutrice|adresse e?-?mail|boite mail)"
)
_SAID = re.compile(
    "|".join(
        (
            rf"\btromp\w{{1,4}} (?:de |d'|dans )(?:le |l'|la )?(?:{_WRONG}|adresse|personne)\b",
            rf"\b(?:erreur|erreurs) (?:de |d'|dans le |sur le |dans l')(?:{_WRONG})\b",
            rf"\bmauvais(?:e|es)? (?:{_WRONG})\b",
            r"\b(?:m'|nous )(?:est|etait|sont|etaient) (?:\w{3,20} )?pas (?:du tout )?destine",
            r"\bpas (?:du tout )?pour (?:moi|nous)\b(?! (?:aider|dire|permettre|faire|donner))",
            r"\bje ne suis pas (?:le |la |votre )(?:destinataire|personne concernee)",
            r"\bpas (?:le |la )bon(?:ne)? (?:destinataire|personne|correspondante?)\b",
            r"\b(?:j'ai|je|nous avons|nous) (?:\w+ )?(?:recu|recois|recevons) "
            r"(?:[\w']+ ){0,8}par erreur",
            r"\b(?:m'|nous )(?:avez|as|a) (?:\w+ )?(?:envoye|transmis|adresse)e?s? "
            r"(?:[\w']+ ){0,8}par erreur",
            r"\bwrong (?:recipient|person|e?-?mail address)\b",
            r"\bnot (?:meant|intended) for (?:me|us)\b",
            r"\b(?:i|we) (?:have )?received (?:\w+ ){1,4}(?:by mistake|in error)\b",
            r"\bsent (?:\w+ ){0,3}to (?:me|us) (?:by mistake|in error)\b",
        )
    )
)


def not_for_me(content: bytes) -> bool:
    """Of a whole mail, or its beginning."""
    return any(
        _SAID.search(sentence) and not _CONDITION.search(sentence)
        for sentence in _SENTENCE.split(_own_words(content))
    )


def _own_words(content: bytes) -> str:
    """On one line as far as a sentence goes: programs break lines where they like."""
    paragraphs = "\n".join(_unquoted(opening(content))).split("\n\n")
    return "\n".join(" ".join(one.split()) for one in paragraphs)[:_MOST]


def _unquoted(text: str) -> Iterator[str]:
    for line in unaccented(text).replace("\u2019", "'").lower().splitlines():
        shown = line.strip()
        if shown.startswith(_QUOTED) or shown.endswith(_INTRODUCES):
            return
        yield shown
