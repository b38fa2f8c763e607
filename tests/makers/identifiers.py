"""Fictitious identifiers with right keys, and the ways people write them.

Keys are computed here by themselves, not by the code under test.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

SPELLINGS: dict[str, Callable[[str], str]] = {}


def _spelling(name: str) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
    def kept(way: Callable[[str], str]) -> Callable[[str], str]:
        SPELLINGS[name] = way
        return way

    return kept


def nir(rng: Random, *, born: tuple[int, int] | None = None, corsica: bool = False) -> str:
    """Fifteen characters with the right key; commune 999 exists nowhere.

    born: (year, month); by default anything from 1930 on.
    """
    year, month = born or (rng.randint(1930, 2005), rng.randint(1, 12))
    department = rng.choice(["2A", "2B"]) if corsica else f"{rng.randint(1, 95):02d}"
    if department == "20":
        department = "21"
    number = (
        f"{rng.choice('12')}{year % 100:02d}{month:02d}{department}999{rng.randint(1, 999):03d}"
    )
    return number + nir_key(number)


def nir_key(number: str) -> str:
    digits = number[:13].replace("2A", "19").replace("2B", "18")
    return f"{97 - int(digits) % 97:02d}"


def nir_with_wrong_key(rng: Random) -> str:
    right = nir(rng)
    return right[:13] + f"{int(right[13:]) % 97 + 1:02d}"


def nia(rng: Random) -> str:
    """A number of somebody being registered (3, 4) or provisional (7, 8)."""
    number = rng.choice("3478") + nir(rng)[1:13]
    return number + nir_key(number)


def parts(number: str) -> list[str]:
    """["2", "85", "09", "75", "999", "998", "37"]"""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return [number[a:b] for a, b in pairwise(cuts) if number[a:b]]


for _name, _mark in {
    "spaces": " ", "no-break spaces": "\u00a0", "narrow no-break spaces": "\u202f", "dots": ".",
    "dashes": "-", "long dashes": "–", "underscores": "_", "slashes": "/", "bars": "|",
    "semicolons": ";", "tabs": "\t",
}.items():  # fmt: skip
    SPELLINGS[_name] = lambda number, mark=_mark: mark.join(parts(number))  # type: ignore[misc]


@_spelling("in one piece")
def in_one_piece(number: str) -> str:
    return number


@_spelling("key apart")
def key_apart(number: str) -> str:
    return f"{number[:13]} {number[13:]}"


@_spelling("key named")
def key_named(number: str) -> str:
    return f"{number[:13]} clé {number[13:]}"


@_spelling("key in brackets")
def key_in_brackets(number: str) -> str:
    return f"{' '.join(parts(number[:13]))} ({number[13:]})"


@_spelling("full-width digits")
def full_width(number: str) -> str:
    return number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})


@_spelling("Arabic-Indic digits")
def arabic_indic(number: str) -> str:
    return number.translate({ord(d): 0x660 + int(d) for d in "0123456789"})


@_spelling("zero-width inside")
def zero_width(number: str) -> str:
    return "\u200b".join(number)


@_spelling("soft hyphens inside")
def soft_hyphens(number: str) -> str:
    return "\u00ad".join(parts(number))


@_spelling("wrapped over two lines")
def wrapped(number: str) -> str:
    return f"{number[:8]}\r\n{number[8:]}"


@_spelling("wrapped between parts")
def wrapped_between_parts(number: str) -> str:
    first, second = parts(number)[:4], parts(number)[4:]
    return " ".join(first) + "\n  " + " ".join(second)


@_spelling("one digit a box")
def boxes(number: str) -> str:
    return " ".join(number)


@_spelling("one digit a cell of a drawn table")
def drawn_boxes(number: str) -> str:
    return "| " + " | ".join(number) + " |"


@_spelling("lower case")
def lower_case(number: str) -> str:
    return number.lower()


def iban(rng: Random, *, letters: bool = False) -> str:
    """A French IBAN of bank 99999, which no bank has."""
    account = "FR99" + rib(rng, letters=letters)
    return f"FR{98 - _remainder(account[4:] + 'FR00'):02d}{account[4:]}"


def _remainder(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97


def foreign_iban(country: str, account: str) -> str:
    return f"{country}{98 - _remainder(account + country + '00'):02d}{account}"


def grouped(number: str, size: int = 4, mark: str = " ") -> str:
    return mark.join(number[i : i + size] for i in range(0, len(number), size))


def rib(rng: Random, *, letters: bool = False) -> str:
    """23 characters: bank 99999, branch, account, key."""
    branch = f"{rng.randint(0, 99999):05d}"
    account = f"{rng.randint(0, 10**11 - 1):011d}"
    if letters:
        account = account[:4] + rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") + account[5:]
    values = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789", strict=True))
    digits = int("".join(values.get(char, char) for char in account))
    key = 97 - (89 * 99999 + 15 * int(branch) + 3 * digits) % 97
    return f"99999{branch}{account}{key:02d}"


def rib_parts(number: str) -> tuple[str, str, str, str]:
    return number[:5], number[5:10], number[10:21], number[21:]


def luhn_digit(digits: str) -> str:
    """What makes the number divisible by ten, every second digit doubled."""
    total = sum(
        sum(divmod(int(digit) * (2 - i % 2), 10)) for i, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def card(rng: Random, issuer: str = "4970") -> str:
    """Sixteen digits; the block of nines behind the issuer is nobody's."""
    digits = f"{issuer}9999{rng.randrange(10**7):07d}"
    return digits + luhn_digit(digits)


def tax_number(rng: Random) -> str:
    """SPI: ten digits, and they modulo 511."""
    first = rng.randrange(4 * 10**9)
    return f"{first:010d}{first % 511:03d}"


def mrz_digit(text: str) -> str:
    """ICAO 9303: weights 7, 3, 1; "<" is 0, A is 10."""
    values = [0 if char == "<" else int(char, 36) for char in text]
    return str(sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10)


def _mrz_date(rng: Random) -> str:
    return f"{rng.randint(0, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"


def passport_zone(rng: Random) -> tuple[str, str]:
    """(two lines of 44, the number)"""
    number = f"{rng.randint(0, 99):02d}ZZ{rng.randint(0, 99999):05d}"
    born, until = _mrz_date(rng), _mrz_date(rng)
    fields = [number + mrz_digit(number), born + mrz_digit(born), until + mrz_digit(until)]
    optional = "<" * 14 + "0"
    whole = mrz_digit("".join((*fields, optional)))
    second = f"{fields[0]}FRA{fields[1]}F{fields[2]}{optional}{whole}"
    return "P<FRATEST<<ANNE".ljust(44, "<") + "\n" + second, number


def card_zone(rng: Random) -> tuple[str, str]:
    """(three lines of 30, the number)"""
    number = f"X4RT{rng.randint(0, 99999):05d}"
    born, until = _mrz_date(rng), _mrz_date(rng)
    first = f"IDFRA{number}{mrz_digit(number)}".ljust(30, "<")
    dates = [born + mrz_digit(born), until + mrz_digit(until)]
    whole = mrz_digit(first[5:] + "".join(dates) + "<" * 11)
    second = f"{dates[0]}F{dates[1]}FRA".ljust(29, "<") + whole
    return "\n".join((first, second, "TEST<<ANNE".ljust(30, "<"))), number


def old_card_zone(rng: Random) -> tuple[str, str]:
    """(two lines of 36, the number)"""
    number = f"8806999{rng.randint(0, 99999):05d}"
    born = _mrz_date(rng)
    first = "IDFRATEST".ljust(30, "<") + "999999"
    second = f"{number}{mrz_digit(number)}{'ANNE'.ljust(14, '<')}{born}{mrz_digit(born)}F"
    return first + "\n" + second + mrz_digit(first + second), number


ZONES = {"passport": passport_zone, "card": card_zone, "card before 2021": old_card_zone}
