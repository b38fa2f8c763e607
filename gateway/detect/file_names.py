"""File names as people mean them: "arret-travail_jean.dupont.pdf" is "Arret Travail Jean Dupont".

Marks and changes of case stand for blanks; where a name has blanks or underscores, a dash may be
part of a word ("Jean-Pierre") and stays. All in small letters, it is given capitals, since names of
persons are looked for by these.
"""

from __future__ import annotations

import re

_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")
_MARK = re.compile(r"(?<=[^\W\d_])[-.](?=[^\W\d_])")
_HUMP = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-zà-ÿ]{2})")


def readable(name: str) -> str:
    ending = _EXTENSION.search(name)
    stem = name[: ending.start()] if ending else name
    if not any(blank in stem for blank in "_ "):
        stem = _HUMP.sub(" ", _MARK.sub(" ", stem))
    stem = stem.replace("_", " ")
    stem = stem.title() if stem.islower() else stem
    return stem + ending[0] if ending else stem
