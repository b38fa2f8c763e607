"""What stands around a match: the words that announce a number, or that speak of a person.

Each question looks at a short slice of the folded text only, so its cost does not depend on the
text. Labels are those printed on French forms and used as column headers.
"""

from __future__ import annotations

import re

from gateway.detect.fold import Folded

_BEFORE = 60  # characters that a label may stand before its number: about one line of a form
_BEHIND = 12  # "2 79 … 23 (NIR)"
_ORDER_BEFORE = 30  # a commercial label stands right before its number
_AROUND = 120  # two lines of a letter


def words(*alternatives: str) -> re.Pattern[bytes]:
    """Any of these, as whole words of folded text."""
    joined = "|".join(alternatives)
    return re.compile(rf"(?<![a-z0-9])(?:{joined})(?![a-z0-9])".encode("latin-1"))


SOCIAL = words(
    r"n\.?i\.?r\.?", "nia", "nnp", "mig", r"n\.?s\.?s\.?", "ins", "insee", "matricule",
    r"immat[a-z]{0,12}", "secu", r"securite sociale", "ss", r"s\.s\.",
    r"sec\.? ?soc(?:\.|iale)?", "ssn", "social security", r"assure(?:e|es|s)?", "vitale",
    "identifiant national", "numero social", "numero provisoire", "inscription au repertoire",
    r"s21\.g00\.30\.001",
)  # fmt: skip
_PERSON = words(
    r"m\.", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", r"patiente?s?",
    r"assuree?s?", "beneficiaires?", "allocataires?", "ayants? droit", r"nee? le", r"noms?",
    r"prenoms?", r"(?:date de )?naissance", "ddn", "adherente?", "salariee?",
)  # fmt: skip
_ORDER = words(
    r"commandes?", r"factures?", "colis", r"ref(?:erences?)?", "suivi", "tickets?", "serie",
    "bon de livraison", "livraison", "expedition", "tracking", "order", "devis", "lot", "article",
    r"(?:order|session|trace|request|transaction|invoice|parcel|device|event)_?ids?", "utm",
    "ean", "cip", "cip13", "code[- ]barres?", "siret", "imei", "transaction", "timestamp",
)  # fmt: skip


# Right before a number, whoever else is spoken of: what somebody orders is not their number. A
# reference may be: offices write to the insured under theirs.
_OF_GOODS = re.compile(
    rb"(?<![a-z])(?:commandes?|factures?|colis|suivi|serie|livraison|devis|lot|article|ean|imei)"
    rb"(?: ?n(?:o|um|umero|\xb0)?)?[ .:#=]{0,4}\Z"
)
_LETTER = re.compile(rb"[a-z]")


# 0,294117647058824    48.174506479190654    1.682941969615793    ; 17,174506479190654 ;
_MEASURE = re.compile(
    rb"(?:[0-9]\.|(?<![0-9])0,)[0-9]{13,15}\Z|[0-9][.,][0-9]{12,14}\Z"
    rb"|[;\t][0-9]{1,3},[0-9]{13,15}[;\t\n]?\Z|(?:\A|[;\t\n])[0-9]{1,3},[0-9]{13,15}[;\t]\Z"
)


def measures(folded: Folded, start: int, end: int) -> bool:
    """Whether these figures are the decimals of a measure, of as many as programs write."""
    return bool(_MEASURE.search(folded.cased, max(0, start - 5), end + 1)) or bool(
        _MEASURE.search(folded.cased, max(0, start - 5), end)
    )


def has_words(folded: Folded, begin: int, end: int) -> bool:
    """Whether there are letters at all, as in every label: among figures there are none, and this
    takes a tenth of the time."""
    return bool(_LETTER.search(folded.data, begin, end))


def announced(folded: Folded, start: int, labels: re.Pattern[bytes] = SOCIAL) -> bool:
    """A label stands before this position."""
    begin = max(0, start - _BEFORE)
    return has_words(folded, begin, start) and bool(labels.search(folded.data, begin, start))


def social(folded: Folded, start: int, end: int) -> bool:
    """Announced as a social-security number, or followed by the word as on "279… (NIR)"."""
    if announced(folded, start):
        return True
    return (
        has_words(folded, end, end + _BEHIND)
        and bool(SOCIAL.search(folded.data, end, end + _BEHIND))
        and not commercial(folded, start)
    )


def about_person(folded: Folded, start: int, end: int) -> bool:
    return any(
        has_words(folded, begin, stop) and _PERSON.search(folded.data, begin, stop)
        for begin, stop in ((max(0, start - _AROUND), start), (end, end + _AROUND))
    )


def of_trade(word: bytes) -> bool:
    return bool(_ORDER.fullmatch(word))


def of_goods(folded: Folded, start: int) -> bool:
    """Named right before this position as the number of an order, a parcel or a product."""
    return bool(_OF_GOODS.search(folded.data[max(0, start - _ORDER_BEFORE) : start]))


def commercial(folded: Folded, start: int, first: int = 0) -> bool:
    """A label of orders, parcels, products or logs stands right before this position, and not
    before the first."""
    begin = max(0, first, start - _ORDER_BEFORE)
    return has_words(folded, begin, start) and bool(_ORDER.search(folded.data, begin, start))
