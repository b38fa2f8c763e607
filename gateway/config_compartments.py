"""The sections of the configuration that say whose business held mail is: `compartments`,
`personal`. What they mean is `gateway.compartments`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from gateway import config_words as words
from gateway.compartments import stands_for
from gateway.decide.marked import Refusal, Refused
from gateway.decide.places import Domains, domain_of
from gateway.store.keys import DEFAULT

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)

# In the words of judgments and of works rules; accents and capitals count for nothing.
MARKS = (
    "[personnel]",
    "(personnel)",
    "[perso]",
    "(perso)",
    "[privé]",
    "(privé)",
    "[personnel et confidentiel]",
    "[private]",
    "personnel et confidentiel",
    "privé et confidentiel",
    "strictement personnel",
    "message personnel",
    "courrier personnel",
    "personnel",
    "perso",
    "privé",
)


def _mark(mark: str) -> str:
    if len(mark.strip("[]() ")) < 3:  # "a" would hide every mail whose subject begins so
        raise words.refuse("a mark has three letters or more", 'write "[Personnel]"')
    return mark


class Compartment(words.Section):
    """senders: the first compartment that names one has him. officers: told, by digest. deputy:
    told when nobody has ruled. content: nobody: it is shown to the sender alone. unlock: what opens
    its contents: the service's own key, or an officer's sign-in and nothing of this machine's."""

    senders: tuple[words.Senders, ...] = ()
    officers: tuple[words.MailAddress, ...] = Field(min_length=1)
    deputy: words.MailAddress | None = None
    content: Literal["officers", "nobody"] = "officers"
    unlock: Literal["service", "sign_in"] = "service"


class Personal(words.Section):
    """marks: by which a subject says that a mail is private; none: no mail is."""

    marks: tuple[Annotated[str, AfterValidator(_mark)], ...] = MARKS


def sound(compartments: dict[str, Compartment], info: ValidationInfo) -> dict[str, Compartment]:
    """Names fit for a command line and a column; officers whom our letters reach; senders in all
    but `default`, which has everybody else."""
    refusals = list(_refusals(compartments, info.data.get("domains")))
    if refusals:
        raise Refused(*refusals)
    return compartments


def _refusals(
    compartments: Mapping[str, Compartment], domains: tuple[str, ...] | None
) -> Iterator[Refusal]:
    for name, one in compartments.items():
        if not _NAME.fullmatch(name):
            remedy = "small letters without accents, digits and dashes"
            yield Refusal("this is no name of a compartment", remedy, (name,), on_key=True)
        if name == DEFAULT and one.senders:
            remedy = "leave them out, or give the compartment another name"
            yield Refusal("`default` has everybody else", remedy, (name, "senders"), on_key=True)
        if name != DEFAULT and not one.senders:
            yield Refusal("nobody's mail comes here", "add senders", (name,), on_key=True)
        told = [*enumerate(one.officers), (None, one.deputy)]
        for number, address in told:
            if address and domains is not None and domain_of(address) not in Domains(domains):
                at = ("deputy",) if number is None else ("officers", number)
                remedy = f"write an address at {domains[0].removeprefix('*.')}"
                yield Refusal(
                    "an officer outside our domains would never be told", remedy, (name, *at)
                )


def shadowed(compartments: Mapping[str, Compartment]) -> Iterator[tuple[str, str, str]]:
    """(compartment, sender, the compartment before it that has him already)."""
    before: list[tuple[str, str]] = []
    for name, one in compartments.items():
        for sender in one.senders:
            like = sender.replace("*", "x") if not sender.startswith("@") else f"x{sender}"
            for other, pattern in before:
                if other != name and stands_for(pattern, like):
                    yield name, sender, other
                    break
        before += [(name, sender) for sender in one.senders]
