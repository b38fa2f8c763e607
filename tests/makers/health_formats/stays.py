"""Files of hospital stays (PMSI), each line one stay, and tables that speak of such files."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.makers.persons import Person, person

FINESS = "990000010"  # nobody's; its check digit is right


def _stay(number: int) -> str:
    return f"{240000000 + number}".ljust(20)


def rss(one: Person, number: int, rng: Random) -> str:
    """RUM, not grouped, version 017."""
    sex = "1" if one.sex == "M" else "2"
    line = f"{FINESS}017{number:020d}{_stay(number)}{'0000295263'}{one.born:%d%m%Y}{sex}6201  "
    return f"{line}100120248 150120248 99999    0         2 0 0  0{rng.choice('AJK')}083".ljust(192)


def rss_grouped(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    line = f"1105M0{rng.randint(1, 9)}{rng.randint(1, 4)} 122000{FINESS}022{number:020d}"
    line += _stay(number)
    line += f"{number:010d}{one.born:%d%m%Y}{sex}6201  100120248 150120248 99999"
    return line.ljust(140) + f"{'I500':<8}{'':<8}".ljust(52)


def rsa(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    line = (
        f"{FINESS}229{number:010d}122001"
        + "1105M051000" * 2
        + "01"
        + f"{rng.randint(18, 99):03d}   {sex}8 "
    )
    return (line + "0120248  0004" + "9999999999").ljust(214) + f"{'I500':<6}".ljust(51)


def vid_hosp(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    return (
        f"{one.nir}0110{one.born:%d%m%Y}{sex}{_stay(number)}V016{FINESS}{'':<15}XXXX  1 0000".ljust(
            400
        )
    )


def ano_hosp(one: Person, number: int, rng: Random) -> str:
    head = f"V2024A01{rng.randrange(16**8):08X}A160000{'':<17}{_stay(number)}{'':<17}{FINESS}"
    return (head + "0" * 53 + "0110").ljust(473) + f"{rng.randrange(16**32):032X}"


def rhs(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    line = (
        f"{FINESS}M0B{number:07d}{_stay(number)}{'':<12}0401202417022024{one.born:%d%m%Y}{sex}99999"
    )
    return f"{line}1040120248 170220248 {rng.randint(1, 52):02d}2024111111111A        Z508    I639"


def rhs_grouped(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    line = f"{'':<10}M1D{FINESS}M0D{number:07d}{_stay(number)}1801020304000 0401202417022024"
    return f"{line}{one.born:%d%m%Y}{sex}999991040120248 170220248 {rng.randint(1, 52):02d}2024"


def rps(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    line = (
        f"{FINESS}{FINESS}P10{f'IPP{number:06d}':<20}{one.born:%d%m%Y}{sex}9999901{_stay(number)}"
    )
    return f"{line}100120248 150120248 6201 99G01  F20{rng.randint(0, 9)}"


def rpsa(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    line = f"{rng.randrange(16**32):032X}{FINESS}P22P10{FINESS}{rng.randrange(16**16):016X}"
    line += f"{number:05d}{rng.randint(18, 90):03d}     {sex}999999999901000123"
    return f"{line}{'':<60}F20{rng.randint(0, 9)}"


def rsf_a(one: Person, number: int, rng: Random) -> str:
    sex = "1" if one.sex == "M" else "2"
    line = f"A{FINESS}{FINESS}{sex}{sex}{one.nir}001{number:09d}{'':<15} 110  01  01"
    return f"{line:<75}{one.born:%d%m%Y}1100120241501202499999".ljust(310)


def rsf_c(one: Person, number: int, rng: Random) -> str:
    line = f"C{FINESS}{FINESS}{one.nir}001{number:09d}{'':<15}07010000110012024CS   001"
    return line.ljust(161)


NOMINATIVE: dict[str, Callable[[Person, int, Random], str]] = {
    "RSS": rss, "RSS grouped": rss_grouped, "VID-HOSP": vid_hosp, "RHS": rhs,
    "RHS grouped": rhs_grouped, "RPS": rps, "RSF-ACE A": rsf_a, "RSF-ACE C": rsf_c,
}  # fmt: skip
PSEUDONYMOUS: dict[str, Callable[[Person, int, Random], str]] = {
    "RSA": rsa, "ANO-HOSP": ano_hosp, "RPSA": rpsa,
}  # fmt: skip


def file(form: str, seed: int, stays: int = 12, *, end: str = "\r\n") -> str:
    rng = Random(f"{form} {seed}")
    make = {**NOMINATIVE, **PSEUDONYMOUS}[form]
    return end.join([make(person(rng), number, rng) for number in range(1, stays + 1)] + [""])


DESCRIPTION = """Libellé;Taille;Début;Fin;Remarques
Numéro FINESS d'inscription e-PMSI;9;1;9;990000010
Numéro de version du format;3;10;12;017
N° de RSS;20;13;32;
N° administratif local de séjour;20;33;52;
Date de naissance;8;63;70;JJMMAAAA
Sexe;1;71;71;1 homme, 2 femme
N° immatriculation assuré;13;1;13;
"""


def groups(seed: int, lines: int = 120) -> str:
    """A list of GHM with their tariffs: fixed columns, nobody."""
    rng = Random(seed)
    return "\n".join(
        f"{n % 28 + 1:02d}{rng.choice('CKMZ')}{n % 99:02d}{rng.choice('1234JT')} "
        f"{'Interventions fictives, niveau ' + str(n % 4 + 1):<60}{rng.randint(300, 9000):07d},00"
        for n in range(lines)
    )


def readings(seed: int, lines: int = 500) -> str:
    """What a machine measured: fixed columns of figures, a date in each line."""
    rng = Random(seed)
    return "\n".join(
        f"{rng.randrange(10**9):09d}{rng.randint(0, 399):03d}{rng.randrange(10**40):040d}"
        f"{rng.randrange(10**10):010d}{rng.randint(1, 28):02d}012024{rng.randint(0, 9)}"
        for _ in range(lines)
    )
