"""Exchanges with the health insurance: B2, NOEMIE, and files of banks that look like them."""

from __future__ import annotations

from random import Random

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from tests.makers import sealing
from tests.makers.identifiers import nir
from tests.makers.persons import Person, person

RECORD = 128


def head(application: str = "IR", file: str = "B2 ") -> str:
    """The entity 000: who sends what to whom, and when."""
    sender, to = "PS00000990000010PRGEMI", "AM01331000000000      "
    return f"000{sender}{to}{application}{file}20240312".ljust(RECORD)


def insured(one: Person, number: int) -> str:
    """Type 2: columns 12 to 26 number and key, 96 the birth date, 103 and 109 the stay."""
    record = f"2990000010 {one.nir}001{number:09d}1{number:09d}0133100001 10".ljust(95)
    return (record + f"{one.born:%y%m%d}1240311240312").ljust(RECORD)


def b2(seed: int, persons: int = 21, *, separator: str = "\r\n") -> str:
    rng = Random(seed)
    records = [head(), "1990000010" + "0" * 20]
    for number in range(1, persons + 1):
        records.append(insured(person(rng), number))
        records += [
            f"4990000010{number:09d}0101240312C    010000{rng.randint(2, 90):05d}00"
            for _ in range(rng.randint(1, 3))
        ]
        records.append(f"5990000010{number:09d}{rng.randint(20, 900):08d}")
    records.append("999PS00000990000010PRGEMI" + f"{len(records) + 1:08d}")
    return separator.join(record.ljust(RECORD) for record in records)


def sealed(data: bytes) -> bytes:
    """For the insurer's gateway: S/MIME, opaque."""
    known = x509.load_pem_x509_certificate(sealing.certificate("flux@caisse.example"))
    envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(data).add_recipient(known)
    return envelope.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def noemie(seed: int, persons: int = 9, *, mark: str = "@") -> str:
    rng = Random(seed)
    lines = [head("NO", "578").rstrip()]
    for number in range(1, persons + 1):
        one = person(rng)
        lines += [
            f"020{number:06d}{rng.randint(20, 900):08d}EUR",
            f"060{number:06d}{one.nir}{one.born:%Y%m%d}01331",
            f"070{rng.choice(('C', 'CS', 'AMI', 'KC'))} 0100{rng.randint(100, 9000):07d}",
        ]
    lines += [f"990{persons:06d}", f"999{len(lines) + 2:08d}"]
    return "\r\n".join(line + mark for line in lines)


def nomenclature(seed: int) -> str:
    """CCAM under the same head: public, nobody in it."""
    rng = Random(seed)
    lines = [head("NX", "CAM"), "00101" + "CCAM VERSION 75"]
    lines += [f"101{rng.choice('HJKLM')}HFA{n:03d}{'ACTE FICTIF ' * 4}{n:05d}" for n in range(200)]
    return "\r\n".join(line.ljust(RECORD) for line in [*lines, "199", "999"])


def bank_statement(seed: int, width: int = 120) -> str:
    """CFONB 120, and 160 and 240 after its manner: fixed columns, accounts of bank 99999."""
    rng = Random(seed)
    code = {120: "04", 160: "0602", 240: "3403"}[width]
    lines = []
    for number in range(1, 301):
        day = f"{rng.randint(1, 28):02d}0124"
        label = rng.choice(("VIREMENT SALAIRE", "PRLV FOURNISSEUR", "CB ACHAT"))
        amount = f"{rng.randint(100, 10**6):013d}{rng.choice('{ABCDEFGHI}JKLMNOPQR')}"
        line = f"{code}99999    00001EUR2 {rng.randrange(10**8):011d}05{day}  {day}{label:<31}  "
        lines.append(f"{line}{number:07d}0 {amount}REF{number:06d}".ljust(width))
    return "\r\n".join(lines)


def glued_figures(seed: int, size: int = 4_000) -> str:
    """One long line of figures, numbers of insured persons here and there, in no column."""
    rng = Random(seed)
    out = []
    while sum(map(len, out)) < size:
        out += ["".join(rng.choice("0123456789") for _ in range(rng.randint(90, 160))), " "]
    out.insert(4, nir(rng)[:13])
    return "".join(out)
