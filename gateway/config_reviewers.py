"""The section `reviewers`: groups of second readers. What they do is `gateway.reviewers`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import Field, ValidationInfo

from gateway import config_words as words
from gateway.decide.marked import Refusal, Refused
from gateway.decide.places import Domains, domain_of

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)


class ReviewerGroup(words.Section):
    """members, delegates: addresses of accounts of the console. delegates: who may stand in for a
    member who is away, beside the members themselves. quorum: how many must agree; a rule may ask
    for more."""

    members: tuple[words.MailAddress, ...] = Field(min_length=1)
    delegates: tuple[words.MailAddress, ...] = ()
    quorum: int = Field(default=1, ge=1, le=9)


def readable(groups: dict[str, ReviewerGroup], info: ValidationInfo) -> dict[str, ReviewerGroup]:
    """Names fit for a column; readers whom our letters reach; a quorum that there can be without
    any one of them, since nobody reads what he wrote himself."""
    refusals = list(_refusals(groups, info.data.get("domains")))
    if refusals:
        raise Refused(*refusals)
    return groups


def _refusals(
    groups: Mapping[str, ReviewerGroup], domains: tuple[str, ...] | None
) -> Iterator[Refusal]:
    for name, one in groups.items():
        if not NAME.fullmatch(name):
            remedy = "small letters without accents, digits and dashes"
            yield Refusal("this is no name of a group", remedy, (name,), on_key=True)
        if len({address.lower() for address in (*one.members, *one.delegates)}) <= one.quorum:
            wrong = "a mail written by one of them would find too few others"
            yield Refusal(wrong, "add a member, or ask for fewer", (name, "members"), on_key=True)
        for key, addresses in (("members", one.members), ("delegates", one.delegates)):
            for number, address in enumerate(addresses):
                if domains is not None and domain_of(address) not in Domains(domains):
                    wrong = "a reader outside our domains would never be told"
                    remedy = f"write an address at {domains[0].removeprefix('*.')}"
                    yield Refusal(wrong, remedy, (name, key, number))
