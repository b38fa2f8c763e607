"""What it costs to find things in text: this package alone, then Presidio on the same input.

    python bench/inspection.py                      our own figures
    python bench/inspection.py --presidio PYTHON    and Presidio's, in the same run

PYTHON is that of a separate venv with presidio-analyzer and spacy. The text is made, the same at
each run: French correspondence, of which one paragraph in twenty is about a person's health, and
three are innocent but hold numbers and words that look like it. Times are the processor's, best of
several runs: ratios hold, absolute figures depend on the machine. The script is not called
inspect.py, since that would hide the standard module from every script of this folder.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sharing  # noqa: E402

from gateway.detect import lexicon  # noqa: E402
from gateway.detect import search as searching  # noqa: E402
from gateway.detect.fold import fold  # noqa: E402
from gateway.model import Medium, Place, Table, Text  # noqa: E402
from tests.makers import identifiers, persons, prose  # noqa: E402

PLACE = Place("1")
TRIES = 5
MAIL = 4096
PRESIDIO_CHARACTERS = 200_000  # enough: it takes seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presidio", metavar="PYTHON")
    chosen = parser.parse_args()
    searching.warm()
    gc.collect()
    gc.freeze()  # as the zygote does, whose workers search long texts
    text = prose.mixture(Random(1), 2_000_000)
    shared(text)
    ours(text)
    shares(text)
    hostile(text)
    if chosen.presidio:
        presidio(chosen.presidio, text[:PRESIDIO_CHARACTERS])


def best(run: Callable[[], object], tries: int = TRIES) -> float:
    """Seconds of the fastest of some runs."""
    return min(times(run, tries))


def times(run: Callable[[], object], tries: int = TRIES) -> list[float]:
    took = []
    for _ in range(tries):
        started = time.process_time()
        run()
        took.append(time.process_time() - started)
    return took


def speed(text: str) -> float:
    """Millions of characters a second through every detector."""
    piece = Text(PLACE, text, Medium.BODY)
    return len(text) / best(lambda: searching.search([piece])) / 1e6


def shared(text: str) -> None:
    """Loading, and the memory of forked processes that have each searched a hundred mails."""
    print("word lists and automata")
    row("loaded and compiled by a fresh process", f"{sharing.loading(ROOT):.2f} s")
    mails = [text[i : i + MAIL] for i in range(0, 100 * MAIL, MAIL)]
    children = sharing.of_children(
        lambda: [searching.search([Text(PLACE, mail, Medium.BODY)]) for mail in mails]
    )
    for kind in ("Rss", "Pss", "Private_Dirty"):
        told = ", ".join(f"{child[kind] / 1024:.0f}" for child in children)
        row(f"{kind} of {len(children)} forked processes, MB", told)
    print()


def ours(text: str) -> None:
    print("through `search`, every detector, full lexicon")
    whole = [Text(PLACE, text, Medium.BODY)]
    calm = prose.mixture(Random(2), 2_000_000, share=0, tricky=0)
    dense = prose.mixture(Random(2), 2_000_000, share=0.1, tricky=0.9)
    mails = [text[i : i + MAIL] for i in range(0, 400 * MAIL, MAIL)]
    per_mail = best(lambda: [searching.search([Text(PLACE, m, Medium.BODY)]) for m in mails])
    table = people(50_000)
    row("French mail, 2 MB, 1 paragraph in 20 clinical", f"{speed(text):.1f} MB/s")
    row("nothing but ordinary letters", f"{speed(calm):.1f} MB/s")
    row("nothing but traps and clinical mail", f"{speed(dense):.1f} MB/s")
    row("hits in it", f"{len(searching.search(whole)[0])}")
    row("a mail of 4 KB", f"{per_mail / len(mails) * 1000:.3f} ms")
    row("a table of 50,000 persons with NIR", f"{best(lambda: searching.search([table]), 1):.2f} s")
    print()


def people(count: int) -> Table:
    rng = Random(3)
    some = [persons.person(rng) for _ in range(500)]
    rows = tuple(
        (
            one.last,
            f"{one.first}{i}",
            f"{one.born:%d/%m/%Y}",
            identifiers.nir(rng),
            "sous metformine",
        )
        for i, one in ((i, some[i % 500]) for i in range(count))
    )
    return Table(PLACE, ("Nom", "Prénom", "Né(e) le", "N° sécu", "Commentaire"), rows)


def shares(text: str) -> None:
    print("share of each step")
    folded = fold(text)
    steps: dict[str, Callable[[], object]] = {"fold": lambda: fold(text)}
    for kind, detector in searching._detectors().items():
        steps[kind] = lambda d=detector: (folded.shared.clear(), list(d.find(folded)))  # type: ignore[misc]
    took = {name: best(run, 3) for name, run in steps.items()}
    for name, seconds in sorted(took.items(), key=lambda item: -item[1]):
        share = f"{seconds / sum(took.values()):4.0%}"
        row(name, f"{share}   {len(text) / seconds / 1e6:8.1f} MB/s alone")
    print()


def hostile(text: str) -> None:
    """How many times slower than ordinary text of the same length."""
    rng = Random(4)
    size = 500_000
    usual = speed(text[:size])
    attacks = {
        "wrong keys": " ".join(identifiers.nir_with_wrong_key(rng) for _ in range(size // 16)),
        "wrong keys in boxes": " ".join(
            "".join(identifiers.nir_with_wrong_key(rng) for _ in range(size // 30))
        ),
        "numbers and blanks": " ".join(str(rng.randint(0, 99_999)) for _ in range(size // 6)),
        "digits in one piece": "".join(rng.choices("0123456789", k=size)),
        "wrong IBANs": " ".join("FR77" + identifiers.rib(rng) for _ in range(size // 28)),
        "wrong RIBs": " ".join(f"{rng.randint(10**22, 10**23)}" for _ in range(size // 24)),
        "a zero-width space after each letter": "\u200b".join(text[: size // 2]),
        "one rare letter in two": "а".join(text[: size // 2]),
        "ideograms": "".join(chr(rng.randint(0x4E00, 0x9FFF)) for _ in range(size)),
        "blanks": " \t\n" * (size // 3),
        "civilities": "M. Mme " * (size // 7),
        "names": "Jean DUPONT " * (size // 12),
        "capitals": "Aa " * (size // 3),
        "illnesses": "vih sida cancer du sein " * (size // 24),
        "labels": "passeport cni rpps allocataire " * (size // 31),
        "telephones": "06 39 98 00 00 " * (size // 15),
        "ways": "12 rue " * (size // 7),
        "born": "né le 1 " * (size // 8),
    }
    print("hostile text, 0.5 MB, against ordinary text")
    for name, attack in attacks.items():
        row(name, f"{usual / speed(attack[:size]):5.1f} times slower")
    print()


def presidio(python: str, text: str) -> None:
    """Presidio with a recogniser for each kind that we find, then with our terms on top. It and we
    take turns, and of ours the median counts, since it runs once."""
    mails = [text[i : i + MAIL] for i in range(0, len(text), MAIL)]
    terms = sorted(term.decode("latin-1") for term in lexicon.terms())
    Random(6).shuffle(terms)
    pieces = [[Text(PLACE, mail, Medium.BODY)] for mail in mails]

    def once() -> None:
        for piece in pieces:
            searching.search(piece)

    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"texts": mails, "terms": terms}, file)
        file.flush()
        command = [python, str(ROOT / "bench" / "presidio_side.py"), file.name]
        before = times(once)
        theirs = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    mine = len(text) / median([*before, *times(once)]) / 1e6
    print(f"against Presidio {theirs['version']}: {len(mails)} mails of 4 KB, one after the other")
    row(f"ours: {len(searching.kinds())} kinds, {len(terms)} terms", f"{mine:9.3f} MB/s")
    for name in ("patterns", "patterns and 500 terms", "patterns and all terms"):
        told = theirs[name]
        other = told["size"] / told["seconds"] / 1e6
        what = f"Presidio: {theirs['recognisers']} recognisers, {told['terms']} terms"
        row(what, f"{other:9.3f} MB/s   1/{mine / other:.0f} of ours")


def row(name: str, figure: str) -> None:
    print(f"  {name:<48}{figure}")


if __name__ == "__main__":
    main()
