"""Whose is an account: an organisation's, on an invoice or below its letterhead, or somebody's?

Told by the words of the paragraphs around it: a registration, a bill, "nos coordonnées bancaires";
"votre RIB", a salary or a birth say that it is a person's, whatever else stands there.
"""

from __future__ import annotations

from gateway.detect.pattern import linear

# Who sells, bills or collects gives an account of the house; a person's is called theirs.
_OF_A_HOUSE = linear(
    rb"\b(?:siret|siren|rcs|tva|factur\w{1,8}|chorus|avoir n|marche n|bon de commande|engagement"
    rb"|devis|(?:code|compte|fiche|nouveau|au|du) fournisseur|nos coordonnees bancaires"
    rb"|notre (?:compte|banque|rib|iban)|a l'ordre d|faire un don|cotisations?"
    rb"|notre societe|raison sociale|penalites de retard)\b"
)
_OF_SOMEBODY = linear(
    rb"\b(?:(?:votre|vos|son|ses|leur|leurs|mon|mes) (?:[a-z]{1,14} ){0,2}(?:iban|rib|compte|releve"
    rb"|coordonnees bancaires|remboursement)|salaires?|paie|allocations?|assuree?s?|beneficiaires?"
    rb"|(?:titulaire|intitule)(?: du compte)? ?:? ?(?:m|mr|mme|mlle|mle|monsieur|madame)"
    rb"|(?:rib|iban|coordonnees bancaires|compte|facture) de (?:m|mr|mme|mlle|monsieur|madame)[. ]"
    rb"|dossier d[eu] (?:la )?(?:m|mr|mme|mlle|monsieur|madame|patiente?)[. ]"
    rb"|n(?:ee?|e\(e\)) le)\b"
)
_AROUND = 400  # bytes: the paragraphs before and after
_MOST = 2  # distinct accounts; more are a list of those to be paid


def may_hold(accounts: int) -> bool:
    """Whether so many distinct accounts of a text may be a house's."""
    return accounts <= _MOST


def owns(data: bytes, start: int, end: int) -> bool:
    """Whether an account is that of an organisation: on an invoice, with its registration."""
    around = data[max(0, start - _AROUND) : start] + data[end : end + _AROUND]
    return bool(_OF_A_HOUSE.search(around)) and not _OF_SOMEBODY.search(around)
