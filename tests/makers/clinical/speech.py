"""One clinical text: a frame of its family, filled for one patient, as hurried people write it."""

from __future__ import annotations

import re
import unicodedata
from random import Random

from tests.makers.clinical import patients
from tests.makers.clinical.patients import Patient
from tests.makers.clinical.reading import LISTS, Family, pools
from tests.makers.innocent.grammar import Slot, Speaker

_POOL = re.compile(r"\[\[(\w+)\]\]")
_WOMAN = re.compile(r"\((?:e|se)\)")
_ARTICLE = re.compile(r"^(?:une|un|des|d'|l'|le|la) ?")
_SHORT = (
    ("antécédents", "ATCD"),
    ("traitement", "ttt"),
    ("rendez-vous", "RDV"),
    ("hypertension", "HTA"),
)
_ABBREVIATED, _MISTYPED, _PLAIN, _CAPITALS = 0.15, 0.2, 0.1, 0.05  # shares of mails


def said(family: Family, one: Patient, rng: Random) -> tuple[str, str]:
    """Subject and text."""
    speaker = Speaker(rng, _slots(one))
    greeted = family.name == "secrétariat au patient"
    frames = [rng.choice(family.bodies), rng.choice(family.ends)]
    subject = _filled(rng.choice(family.subjects), one, speaker, rng, greeted)
    text = (
        "\n\n".join(_filled(frame, one, speaker, rng, greeted) for frame in frames).strip() + "\n"
    )
    if family.style == "quoted":
        above, _, below = text.partition("<cite>")
        text = (
            above
            + "Le 2 mars 2026 à 10:12, le service a écrit :\n"
            + "".join(f"> {line}\n" for line in below.strip().split("\n"))
        )
    if family.style == "sms":
        return subject, _without_accents(text.lower() if rng.random() < 0.5 else text)
    return subject, _hurried(text, rng)


def _filled(frame: str, one: Patient, speaker: Speaker, rng: Random, greeted: bool) -> str:
    while found := _POOL.search(frame):
        frame = frame[: found.start()] + rng.choice(pools()[found[1]]) + frame[found.end() :]
    name = patients.greeted if greeted else patients.called
    while "<M>" in frame:
        frame = frame.replace("<M>", name(one, rng), 1)
    frame = frame.replace("<ID>", patients.registered(one, rng))
    text = speaker.say(frame.replace("\n", "\\n"))
    return (
        _WOMAN.sub(lambda found: found[0][1:-1] if one.woman else "", text)
        .replace("anxieuxse", "anxieuse")
        .replace("nauséeuxse", "nauséeuse")
    )


def _slots(one: Patient) -> dict[str, Slot]:
    pronoun = "Elle" if one.woman else "Il"
    own: dict[str, Slot] = {
        "sujet": lambda rng: pronoun,
        "pronom": lambda rng: pronoun.lower(),
        "age": lambda rng: f"{one.age} ans",
        "ddn": lambda rng: rng.choice((one.born_on, f"DDN {one.born:%d/%m/%Y}")),
        "naissance": lambda rng: one.last.upper(),
        "organe_titre": lambda rng: rng.choice(LISTS["organe"]).upper(),
        "chambre": lambda rng: str(rng.randint(1, 420)),
        "date": lambda rng: f"{rng.randint(1, 28):02}/02/2026",
        "geste_nu": lambda rng: _ARTICLE.sub("", rng.choice(LISTS["geste"])),
        "geste_prevu": lambda rng: rng.choice(LISTS["geste"]),
        "doc": lambda rng: f"Dr {rng.choice(LISTS['nom'])}",
        "nomdoc": lambda rng: rng.choice(LISTS["nom"]),
    }
    drawn: dict[str, Slot] = {
        name: (lambda rng, words=words: rng.choice(words)) for name, words in LISTS.items()
    }
    return drawn | own


def _hurried(text: str, rng: Random) -> str:
    """Abbreviated, mistyped, without accents or in capitals, each in its share of the mails."""
    if rng.random() < _ABBREVIATED:
        for long, short in _SHORT:
            text = text.replace(long, short)
    if rng.random() < _MISTYPED:
        text = _mistyped(text, rng)
    if rng.random() < _PLAIN:
        text = _without_accents(text)
    return text.upper() if rng.random() < _CAPITALS else text


def _mistyped(text: str, rng: Random) -> str:
    """Two letters of a long word swapped, doubled or left out, once or twice."""
    words = list(re.finditer(r"\b[a-zéèêà]{8,}\b", text))
    for found in sorted(rng.sample(words, min(len(words), 2)), key=lambda f: -f.start()):
        at = found.start() + rng.randint(2, len(found[0]) - 3)
        pair = text[at : at + 2]
        wrong = rng.choice((pair[::-1], pair[0] * 2 + pair[1], pair[1]))
        text = text[:at] + wrong + text[at + 2 :]
    return text


def _without_accents(text: str) -> str:
    split = unicodedata.normalize("NFD", text)
    return "".join(char for char in split if not unicodedata.combining(char))
