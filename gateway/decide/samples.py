"""Made-up values for the tests of rules: {nir}, {not-nir}, {iban}, {not-iban}, {rib}, {person}.

Nobody's: commune 999 and bank 99999 do not exist. The same name and number give the same value.
"""

from __future__ import annotations

from collections.abc import Callable

_FIRST_NAMES = ("Anne", "Claire", "Denise", "Elise", "Irene", "Jeanne", "Louise", "Marie")
_SURNAMES = ("TESTEUR", "EXEMPLE", "MODELE", "ESSAI", "FICTIF")


def sample(name: str, number: int) -> str:
    """The `number`th value of that name, from 1."""
    return _MAKERS[name](number)


def _nir(number: int) -> str:
    """INSEE: sex, year, month, department, commune, order, then 97 - n modulo 97."""
    return _spaced_nir(number, 0)


def _not_nir(number: int) -> str:
    """Its key is wrong by one."""
    return _spaced_nir(number, 1)


def _spaced_nir(number: int, fault: int) -> str:
    sex, year, month = 1 + number % 2, 40 + number % 55, 1 + number % 12
    order = 1 + number % 999
    root = f"{sex}{year:02d}{month:02d}75999{order:03d}"
    key = (97 - int(root) % 97 + fault - 1) % 97 + 1
    cuts = (1, 3, 5, 7, 10, 13)
    groups = [root[a:b] for a, b in zip((0, *cuts), cuts, strict=False)]
    return " ".join([*groups, f"{key:02d}"])


def _account(number: int) -> tuple[str, str, str, str]:
    """Bank, branch, account, key of a RIB: 97 - (89 b + 15 g + 3 c) modulo 97."""
    bank, branch, account = "99999", "00002", f"{1234500 + number:011d}"
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return bank, branch, account, f"{key:02d}"


def _rib(number: int) -> str:
    bank, branch, account, key = _account(number)
    return f"Code banque {bank}  Code guichet {branch}  N° de compte {account}  Clé RIB {key}"


def _iban(number: int) -> str:
    return _spaced_iban(number, 0)


def _not_iban(number: int) -> str:
    return _spaced_iban(number, 1)


def _spaced_iban(number: int, fault: int) -> str:
    """ISO 13616: 98 - (the number, then "FR00" in digits) modulo 97."""
    account = "".join(_account(number))
    check = 98 - int(f"{account}152700") % 97 + fault
    written = f"FR{check:02d}{account}"
    return " ".join(written[at : at + 4] for at in range(0, len(written), 4))


def _person(number: int) -> str:
    first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    surname = _SURNAMES[number % len(_SURNAMES)]
    born = f"{1 + number % 28:02d}/{1 + number % 12:02d}/{1940 + number % 55}"
    return f"Mme {surname} {first}, née le {born}"


_MAKERS: dict[str, Callable[[int], str]] = {
    "nir": _nir,
    "not-nir": _not_nir,
    "iban": _iban,
    "not-iban": _not_iban,
    "rib": _rib,
    "person": _person,
}
NAMES = tuple(_MAKERS)
