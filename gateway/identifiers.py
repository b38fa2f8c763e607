"""Identifiers of the house, read from the YAML files of `identifiers:` in gateway.yaml.

    - id: site.dossier
      pattern: "D ?[0-9]{8}"                  # linear (RE2), on folded text, whatever the case
      context: [dossier, "n° d'affaire"]      # one of them within two lines; may be left out
      check: luhn                             # luhn | mod97 | mod97-10; may be left out
      shown: 1                                # characters that may be told
      match: ["dossier D 12345674"]           # found, or the gateway does not start
      not: ["commande D 12345674", "dossier D 12345675"]

All or none: every complaint names file, line and column, and the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

import re2
from pydantic import AfterValidator, Field, RootModel, model_validator

from gateway.decide.complaint import Complaint, about_file
from gateway.decide.marked import Refusal, Refused, Strict, load, unknown
from gateway.detect import site
from gateway.detect.fold import fold
from gateway.errors import Misconfigured
from gateway.model import Likelihood
from gateway.sandbox.wall import WARM

MOST = 50  # in all: each costs a search of its own


def _linear(pattern: str) -> str:
    try:
        empty = site.compiled(pattern).search(b"")
    except (re2.error, UnicodeError) as error:
        told = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        remedy = "write it for RE2: no look-around, no back-reference, Latin letters"
        raise Refused(Refusal(f"not a linear pattern: {told}", remedy)) from None
    if empty:
        raise Refused(Refusal("it matches nothing at all", "ask for one character at least"))
    return pattern


def _check(name: str) -> str:
    if name not in site.CHECKS:
        raise unknown("check", name, site.CHECKS)
    return name


class Told(Strict):
    """One identifier as its file has it."""

    id: str = Field(pattern=r"^site\.[a-z0-9._-]{1,40}$")
    pattern: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_linear)]
    context: tuple[Annotated[str, Field(min_length=2, max_length=60)], ...] = ()
    check: Annotated[str, AfterValidator(_check)] | None = None
    shown: int = Field(default=0, ge=0, le=4)
    match: tuple[str, ...] = Field(min_length=1)
    not_: tuple[str, ...] = Field(alias="not", min_length=1)

    @property
    def identifier(self) -> site.Identifier:
        return site.Identifier(self.id, self.pattern, self.context, self.check or "", self.shown)

    @model_validator(mode="after")
    def _tested(self) -> Self:
        found = site.detector(self.identifier).find
        refusals = []
        for key, texts in (("match", self.match), ("not", self.not_)):
            for number, text in enumerate(texts):
                likely = any(m.likelihood >= Likelihood.LIKELY for m in found(fold(text)))
                if likely is not (key == "match"):
                    wrong = "it is found here" if likely else "it is not found here"
                    remedy = "correct the pattern, the context or the check, or this example"
                    refusals.append(Refusal(wrong, remedy, (key, number)))
        if refusals:
            raise Refused(*refusals)
        return self


class _File(RootModel[tuple[Told, ...]]):
    """Identifiers, one after another."""


def read(paths: Sequence[Path]) -> tuple[site.Identifier, ...]:
    """Misconfigured with all complaints."""
    found: list[site.Identifier] = []
    complaints: list[Complaint] = []
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeError) as error:
            complaints.append(about_file(str(path), type(error).__name__, "make it UTF-8 text"))
            continue
        told, more = load(str(path), text, _File)
        complaints += more
        found += [one.identifier for one in told.root] if told else []
    kinds = [one.kind for one in found]
    for twice in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        complaints.append(about_file(twice, "the same id twice", "give each its own"))
    if len(found) > MOST:
        wrong, remedy = f"more than {MOST} identifiers", "each costs a search: leave some out"
        complaints.append(about_file("identifiers", wrong, remedy))
    if complaints:
        raise Misconfigured("\n".join(map(str, complaints)))
    return tuple(found)


def install(paths: Sequence[Path]) -> None:
    """Make this process look for them; `warming` does the same behind a wall."""
    site.know(read(paths))


def warming() -> tuple[str, ...]:
    """What a sandbox warms up with, so that its workers know what this process knows."""
    return (f"gateway.detect.site:learn {site.tell(site.known())}", *WARM)
