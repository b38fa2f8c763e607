"""Messages between health programs: HL7 v2, H'PRIM, RPU; and what only looks like them."""

from __future__ import annotations

import base64
from random import Random

from tests.makers.persons import Person, person

HL7_HEAD = (
    r"MSH|^~\&|GAM|CHU-X|DPI|CHU-X|20240306111154||ADT^A01^ADT_A01|3975|P|2.5^FRA^2.11|||||FRA"
)
INS = "ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS"
TRIAL_INS = INS.replace("1.4.8", "1.4.10")
ANALYTES = (("Glycémie à jeun", "GLY", "g/l", 1), ("Créatinine", "CREA", "mg/l", 8),
            ("Hémoglobine", "HB", "g/dl", 13), ("CRP", "CRP", "mg/l", 4))  # fmt: skip


def pid(one: Person, number: int, *, ins: str = INS) -> str:
    names = f"{one.last}^{one.first}^^^{one.civility}^^L"
    return (
        f"PID|1||{number:06d}^^^CHU-X^PI~{one.nir}^^^{ins}||{names}||{one.born:%Y%m%d}|{one.sex}|||"
        f"{one.street}^^{one.town}"
    )


def hl7(
    seed: int, persons: int = 3, *, end: str = "\r", document: bytes = b"", batch: bool = False
) -> str:
    """document: in the last message's OBX-5."""
    rng, lines = Random(seed), []
    for number in range(1, persons + 1):
        one = person(rng)
        lines += [HL7_HEAD, "EVN||20240306111154", pid(one, number), "PV1|1|I|CARDIO^101^1"]
        lines += ["OBR|1|||GLY^Glycémie", f"OBX|1|NM|GLY^Glycémie||0.{rng.randint(70, 99)}|g/l"]
    if document:
        encoded = base64.b64encode(document).decode()
        lines.append(f"OBX|2|ED|18748-4^CR||^application^pdf^Base64^{encoded}||||||F")
    if batch:
        lines = [r"FHS|^~\&|LABO", r"BHS|^~\&|LABO", *lines, "BTS|3", "FTS|1"]
    return end.join([*lines, ""])


def mllp(seed: int) -> bytes:
    return b"\x0b" + hl7(seed, 1).encode() + b"\x1c\r"


def hl7_xml(seed: int, persons: int = 2, *, document: bytes = b"") -> str:
    rng, bodies = Random(seed), []
    for number in range(1, persons + 1):
        one = person(rng)
        bodies.append(
            f"<PID><PID.3><CX.1>{number:06d}</CX.1></PID.3><PID.5><XPN.1><FN.1>{one.last}</FN.1>"
            f"</XPN.1><XPN.2>{one.first}</XPN.2></PID.5><PID.7><TS.1>{one.born:%Y%m%d}</TS.1></PID.7>"
            "</PID>"
        )
    encoded = base64.encodebytes(document).decode() if document else ""
    bodies.append(f"<OBX><OBX.5><ED.5>{encoded}</ED.5></OBX.5></OBX>")
    body = "\n".join(bodies)
    return f'<?xml version="1.0"?>\n<ORU_R01 xmlns="urn:hl7-org:v2xml">\n<MSH/>\n{body}\n</ORU_R01>'


def hprim_doctor(
    seed: int, letters: int = 2, *, end: str = "\r\n", marks: bool = True, results: bool = True
) -> str:
    """H'PRIM Médecin: the twelve lines, the letter, results for programs, the marks."""
    rng, lines = Random(seed), []
    for number in range(1, letters + 1):
        one = person(rng)
        lines += [
            f"{number:010d}", one.last, one.first, one.street.upper().ljust(30), "", one.town,
            f"{one.born:%d/%m/%Y}", f"{one.nir[:13]} {one.nir[13:]}", f"    B{number:05d}",
            "12/04/2024", "LABO99 Laboratoire Exemple", "DRTEST Docteur Exemple", "",
            "BIOCHIMIE", "Prélevé le 12/04/2024 à 8 h", "",
        ]  # fmt: skip
        lines += ["****LAB****"] if results else []
        for label, code, unit, usual in ANALYTES if results else ():
            value = f"{usual * rng.uniform(0.8, 1.2):.2f}"
            lines += [
                f"TEX|{label} : {value} {unit}",
                f"RES|{label}|{code}|N|{value}|{unit}|0.5|20|N|F",
            ]
        lines += ["****FIN****"] if marks else []
    return end.join([*lines, *(["****FINFICHIER****"] if marks else []), ""])


def hpk(seed: int, persons: int = 3) -> str:
    """Hexagone: who, where and who pays, for each."""
    rng, lines = Random(seed), []
    for number in range(1, persons + 1):
        one = person(rng)
        head = f"C|HEXAGONE|20240412103{number % 10}00|AGENT01|9900{number:02d}"
        lines += [
            f"ID|M1|{head}|{one.last}|{one.first}|{one.born:%Y%m%d}|{one.sex}|1 RUE FICTIVE|76999"
            "|TESTVILLE|FRA" + "|" * 24,
            f"MV|M2|{head}|99003{number:02d}|20240412103000|URGENCE|CH_TEST|CARDIO|UF_99|LIT_01",
            f"CV|M1|{head}|CPAM99|01|990|001|||00|20240101|20241231|CPAM|100|OUI|NON",
        ]
    return "\r\n".join([*lines, ""])


def hprim_health(seed: int, persons: int = 3, *, end: str = "\r") -> str:
    rng = Random(seed)
    lines = [r"H|~^\&|TEST.HPR||LABO||ORU|||HPRIM||P|H2.1~C|202404121030"]
    for number in range(1, persons + 1):
        one = person(rng)
        lines += [
            f"P|{number}|{number + 390}|B{number:04d}||{one.last}~{one.first}||{one.born:%Y%m%d}"
            f"|{one.sex}",
            "OBR|1|B1042||GLY~Glycémie", f"OBX|1|NM|GLY~Glycémie||0.{rng.randint(70, 99)}|g/l",
            "A| à jeun",
        ]  # fmt: skip
    return end.join([*lines, "L|1", ""])


def hprim_xml(seed: int, persons: int = 2, *, namespace: bool = True) -> str:
    rng, bodies = Random(seed), []
    for number in range(1, persons + 1):
        one = person(rng)
        bodies.append(
            f"<evenementServeurActe><patient><identifiant><emetteur><valeur>{number:06d}</valeur>"
            f"</emetteur></identifiant><personnePhysique sexe='{one.sex}'>"
            f"<nomUsuel>{one.last}</nomUsuel>"
            f"<prenoms><prenom>{one.first}</prenom></prenoms><dateNaissance><date>{one.born:%Y-%m-%d}"
            "</date></dateNaissance></personnePhysique></patient><actesCCAM><acteCCAM><codeActe>HHFA001"
            "</codeActe></acteCCAM></actesCCAM></evenementServeurActe>"
        )
    ns = ' xmlns="http://www.hprim.org/hprimXML"' if namespace else ""
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    return (
        f"{head}<evenementsServeurActes{ns}>\n" + "\n".join(bodies) + "\n</evenementsServeurActes>"
    )


def rpu(seed: int, passages: int = 4) -> str:
    rng, bodies = Random(seed), []
    for _ in range(passages):
        one = person(rng)
        bodies.append(
            "<PATIENT><CP>99999</CP><COMMUNE>TESTVILLE</COMMUNE>"
            f"<NAISSANCE>{one.born:%d/%m/%Y}</NAISSANCE><SEXE>{one.sex}</SEXE>"
            f"<ENTREE>12/04/2024 {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"
            "</ENTREE><DP>S52</DP></PATIENT>"
        )
    return (
        '<?xml version="1.0"?>\n<OSCOUR><ETABLISSEMENT><FINESS>990000010</FINESS></ETABLISSEMENT>'
        f"<PASSAGES>{''.join(bodies)}</PASSAGES></OSCOUR>"
    )


MANUAL = r"""Paramétrage de l'interface
Chaque message commence par un segment MSH :
MSH|^~\&|APPLI|SITE|DPI|SITE|AAAAMMJJHHMMSS||ADT^A01|ID|P|2.5
puis le segment PID, dont le champ 5 porte le nom et le champ 7 la date de naissance.
En H'PRIM, le fichier se termine par ****FIN**** puis ****FINFICHIER****, après douze lignes.
"""
EMPTY_HL7 = "\r".join((HL7_HEAD, "EVN||", "PID|||||^^^^^^||||||||", "PV1|1|", "OBX|1|TX|||", ""))
TO_FILL_IN = "\r".join((HL7_HEAD, "PID|1||IPP^^^SITE^PI||NOM^PRENOM^^^^^L||AAAAMMJJ|S", ""))
EMPTY_HPRIM = "\r\n".join(
    ["", *[" "] * 11, "****LAB****", "RES|libellé|code|N|valeur|unité|", "****FIN****"]
)


def stock(seed: int, lines: int = 40) -> str:
    """Hexagone's messages about products, which name nobody."""
    rng = Random(seed)
    return "\r\n".join(
        f"PR|M1|C|HEXAGONE|20240412103000|AGENT01|9900{n:02d}|GANTS T{rng.randint(6, 9)}|BOITE"
        for n in range(lines)
    )


def log(seed: int, lines: int = 400) -> str:
    """A program's log, parted by bars."""
    rng = Random(seed)
    return "\n".join(
        f"2024-03-{rng.randint(1, 28):02d} 10:{n % 60:02d}|{rng.choice(('INFO', 'WARN', 'PID'))}"
        f"|worker-{n % 7}|req {rng.randrange(10**10):010d}|{rng.randint(1, 900)} ms"
        for n in range(lines)
    )


def table_of_bars(seed: int, rows: int = 60) -> str:
    rng = Random(seed)
    head = "REF|LIBELLE|QTE|PRIX"
    return "\n".join([head, *(f"R{n}|Vis {n} mm|{rng.randint(1, 9)}|{n},50" for n in range(rows))])
