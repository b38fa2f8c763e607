"""Forms about persons, one below the other in a text: five and more of one shape are a table.

    Nom : DUPONT                   - nom: DUPONT              DUPONT
    Prénom : Jean                    prénom: Jean             Jean
    Né le : 12/03/1980               naissance: 1980-03-12    12/03/1980

A form ends where a label comes again, or, where its lines have none, at the empty line behind it.
They count where they name persons and say when each was born: lists of rights ("Décès du conjoint :
3 jours") and addresses are written so, too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice

from gateway.detect import listing
from gateway.detect.columns import Rows, columns

LEAST = listing.LEAST  # forms: fewer are the parties to a contract
_LABELLED = re.compile(r"\n[^\w\n]{0,8}+([^\W\d][^\n:=]{0,40}+)[:=]([^\n]{0,200}+)")
_YEARS = ("/19", "/20")
_DAY = re.compile(r"\n[^\w\n]{0,8}+[0-9]{1,2}/[0-9]{1,2}/(?:19|20)[0-9]{2}[ \t\r]*+\n")
_AROUND = " \t\r\n\xa0\"'*_"
_RARE = 4  # a label that fewer than one form in so many has tells of none of them
_LINES = range(2, 9)  # of a form without labels
_LONGEST = 60  # characters of a line of it


def may_hold(text: str) -> bool:
    """Whether so many days stand in lines of their own: nobody else sees names there. Where births
    stand behind labels, names are seen, too."""
    if not listing.is_frequent("/", text) or not any(
        listing.is_frequent(year, text) for year in _YEARS
    ):
        return False
    return sum(1 for _ in islice(_DAY.finditer(text), LEAST)) == LEAST


def tables(text: str) -> Iterator[Rows]:
    """The rows of the forms in a text, labels first."""
    for rows in (*_labelled(text), *(_bare(text) if may_hold(text) else ())):
        held = columns(rows)
        if held.named and "birth" in held.roles:
            yield rows


def value(line: str) -> tuple[int, int]:
    """Where the value of a line of a form begins and ends: behind its label, if it has one."""
    found = _LABELLED.match("\n" + line)
    written = found[2] if found else line
    bare = written.strip(_AROUND)
    start = line.index(bare, found.start(2) - 1 if found else 0)
    return start, start + len(bare)


def _labelled(text: str) -> Iterator[Rows]:
    forms: list[dict[str, str]] = [{}]
    for found in _LABELLED.finditer("\n" + text):
        label, value = (part.strip(_AROUND) for part in found.groups())
        if label in forms[-1]:
            forms.append({})
        forms[-1][label] = value
    forms = [form for form in forms if len(form) > 1]
    met = Counter(label for form in forms for label in form)
    usual = [label for label, times in met.items() if times * _RARE >= len(forms)]
    if len(forms) >= LEAST:
        yield [tuple(usual), *(tuple(form.get(label, "") for label in usual) for form in forms)]


def _bare(text: str) -> Iterator[Rows]:
    """Forms of as many lines next to each other."""
    shapes: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    run: list[tuple[str, ...]] = []
    for paragraph in (*re.split(r"\n[ \t\r]*+\n\s*+", text), ""):
        lines = paragraph.split("\n", _LINES.stop)
        is_form = len(lines) in _LINES and max(map(len, lines)) <= _LONGEST
        if run and (not is_form or len(lines) != len(run[0])):
            shapes[len(run[0])] += run if len(run) >= LEAST else []
            run = []
        run += [tuple(line.strip(_AROUND) for line in lines)] if is_form else []
    yield from filter(None, shapes.values())
