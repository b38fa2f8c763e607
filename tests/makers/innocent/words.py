"""The words that frames are filled with: who, where, when, how much, and numbers of every kind.

Persons are put together from frequent first names and surnames; numbers have the shape that their
kind has, and those that are somebody's (IBAN, SIRET) are of banks and companies that do not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.makers import identifiers
from tests.makers.innocent.grammar import Slot
from tests.makers.innocent.vocabulary import LISTS

_MONTHS = LISTS["mois"]
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
OURS = "ch-exemple.example"


def _first(rng: Random) -> str:
    return rng.choice(LISTS["prenom_f"] + LISTS["prenom_m"])


def _surname(rng: Random) -> str:
    name = rng.choice(LISTS["nom"])
    return name.upper() if rng.random() < 0.35 else name


def _person(rng: Random) -> str:
    """With a civility or without, as minutes and programmes write them."""
    woman = rng.random() < 0.55
    first = rng.choice(LISTS["prenom_f" if woman else "prenom_m"])
    last = _surname(rng)
    civility = "Mme" if woman else "M."
    forms = (
        f"{first} {last}", f"{first} {last}", f"{civility} {first} {last}", f"{civility} {last}",
        f"{'Madame' if woman else 'Monsieur'} {last}", f"{last.upper()} {first}",
    )  # fmt: skip
    return rng.choice(forms)


def _full(rng: Random) -> str:
    return f"{_first(rng)} {_surname(rng)}"


def _named(rng: Random) -> str:
    """As one is greeted: Madame Martin."""
    title = rng.choice(("Madame", "Monsieur", "Mme", "M."))
    return f"{title} {rng.choice(LISTS['nom'])}"


def _doctor(rng: Random) -> str:
    title = rng.choice(("Dr", "Dr", "Docteur", "Pr", "le Dr", "le Pr", "la Dre", "le docteur"))
    return f"{title} {_full(rng) if rng.random() < 0.7 else _surname(rng)}"


def _initials(rng: Random) -> str:
    return "".join(rng.choice("ABCDEFGHIJLMNPRSTV") for _ in range(rng.choice((2, 2, 3))))


def _mail(rng: Random) -> str:
    box = rng.choice(LISTS["boite"])
    return f"{box}@{rng.choice(LISTS['domaine'])}"


def _phone(rng: Random) -> str:
    pairs = [f"{rng.randrange(100):02d}" for _ in range(4)]
    mark = rng.choice((" ", " ", ".", "-", ""))
    return rng.choice(("01", "02", "03", "04", "05", "09", "06")) + mark + mark.join(pairs)


def _day(rng: Random) -> str:
    return rng.choice(("1er", *map(str, range(2, 29))))


def _date(rng: Random) -> str:
    year, month = rng.choice((2024, 2025, 2026)), rng.randint(1, 12)
    forms = (
        f"{rng.randint(1, 28):02d}/{month:02d}/{year}", f"{_day(rng)} {_MONTHS[month - 1]} {year}",
        f"{rng.choice(_DAYS)} {_day(rng)} {_MONTHS[month - 1]}",
        f"{rng.randint(1, 28):02d}/{month:02d}",
    )  # fmt: skip
    return rng.choice(forms)


def _numeric_date(rng: Random) -> str:
    return f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/{rng.choice((2024, 2025, 2026))}"


def _iso(rng: Random) -> str:
    clock = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"
    return f"{rng.choice((2025, 2026))}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T{clock}"


def _hour(rng: Random) -> str:
    hour, minutes = rng.randint(8, 18), rng.choice(("", "", "30", "15", "45"))
    return f"{hour} h {minutes}".strip() if rng.random() < 0.6 else f"{hour}h{minutes or '00'}"


def _amount(rng: Random) -> str:
    value = round(10 ** rng.uniform(1.2, 5.5), 2)
    text = f"{value:,.2f}".replace(",", rng.choice((" ", "\u00a0", "\u202f", ""))).replace(".", ",")
    return text + rng.choice((" €", " €", " euros", " € HT", " € TTC", "\u00a0€"))


def _siren(rng: Random) -> str:
    digits = f"9999{rng.randrange(10**4):04d}"
    return digits + identifiers.luhn_digit(digits)


def _siret(rng: Random) -> str:
    digits = _siren(rng) + f"{rng.randrange(10**4):04d}"
    number = digits + identifiers.luhn_digit(digits)
    return (
        number if rng.random() < 0.5 else f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}"
    )


def _vat(rng: Random) -> str:
    siren = _siren(rng)
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{rng.choice(('', ' '))}{siren}"


def _iban(rng: Random) -> str:
    number = identifiers.iban(rng)
    return identifiers.grouped(number) if rng.random() < 0.7 else number


def _order(rng: Random) -> str:
    """Fifteen digits that could be a social-security number, but for their key."""
    number = identifiers.nir_with_wrong_key(rng)
    return number if rng.random() < 0.7 else f"{number[:4]}-{number[4:10]}-{number[10:]}"


def _ean(prefix: str, size: int = 13) -> Slot:
    def code(rng: Random) -> str:
        digits = prefix + "".join(rng.choices("0123456789", k=size - 1 - len(prefix)))
        total = sum(int(d) * (3 if i % 2 == size % 2 else 1) for i, d in enumerate(digits))
        return digits + str(-total % 10)

    return code


def _luhn(prefix: str, size: int) -> Slot:
    def code(rng: Random) -> str:
        digits = prefix + "".join(rng.choices("0123456789", k=size - 1 - len(prefix)))
        return digits + identifiers.luhn_digit(digits)

    return code


def _digits(size: int, prefix: str = "") -> Slot:
    return lambda rng: prefix + "".join(rng.choices("0123456789", k=size))


def _between(low: int, high: int) -> Slot:
    return lambda rng: str(rng.randint(low, high))


def _percent(rng: Random) -> str:
    return f"{rng.uniform(0.5, 98):.1f}".replace(".", ",") + rng.choice((" %", " %", "%"))


def _hexadecimal(rng: Random) -> str:
    return "".join(rng.choices("0123456789abcdef", k=rng.choice((8, 12, 32))))


def _link(rng: Random) -> str:
    path = rng.choice(("actualites", "documents/2026", "espace-pro", "inscription", "agenda"))
    return f"https://www.{rng.choice(LISTS['domaine'])}/{path}/{rng.randrange(10**5)}"


def _of(words: tuple[str, ...]) -> Slot:
    return lambda rng: rng.choice(words)


_SHAPED: dict[str, Callable[[Random], str]] = {
    "personne": _person, "complet": _full, "prenom": _first, "titre_nom": _named,
    "medecin": _doctor, "initiales": _initials, "mail": _mail, "tel": _phone, "jour": _day,
    "date": _date, "jj": _numeric_date, "iso": _iso, "heure": _hour, "montant": _amount,
    "siren": _siren, "siret": _siret, "tva": _vat, "iban": _iban, "commande": _order,
    "ean": _ean("3"), "cip": _ean("34009"), "ucd": _ean("34008"), "pct": _percent,
    "rpps": _luhn("99", 11), "finess": _luhn("99", 9), "colis": _digits(9, "1751"),
    "suivi": _digits(13, "6A"), "ms": _digits(10, "176"), "hexa": _hexadecimal, "lien": _link,
    "n1": _between(2, 9), "n2": _between(10, 99), "n3": _between(100, 999),
    "n4": _between(1000, 9999), "n5": _between(10000, 99999), "an": _between(2022, 2026),
    "piece": _digits(5, "F26-"), "dossier": _digits(6, "2026-"), "lot": _digits(6, "L"),
    "jour_nom": _of(_DAYS),
}  # fmt: skip

SLOTS: dict[str, Slot] = {**{name: _of(words) for name, words in LISTS.items()}, **_SHAPED}
