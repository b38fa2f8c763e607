"""Mail that offices write about their business, and about health but about nobody, is not held.

A sample of tests/makers/innocent; the figures of docs/accuracy.md are of thousands. The rules are
those shipped, the recipient is outside, and there is no channel.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Disposition
from gateway.rulebook import read_rules
from tests.makers import judged
from tests.makers.innocent import labelled
from tests.makers.innocent.families import HALVES, families
from tests.makers.innocent.words import OURS, SLOTS
from tests.makers.labelled import Labelled

SEED, COUNT = 11, 530
LIMITS = replace(DEFAULT_LIMITS, pictures=0)
JUDGE = Judge(read_rules([SHIPPED_RULES], search.kinds()), Places(domains=(OURS,)), None)
FAMILIES = [family for half in HALVES for family in families(half)]
_SLOT = re.compile(r"<([a-z0-9_]+)(?::[0-9])?>")
_XML = {"patient", "v"}  # elements of the samples of code


@cache
def sample() -> dict[str, list[Labelled]]:
    by_family: dict[str, list[Labelled]] = defaultdict(list)
    for one in labelled(SEED, COUNT):
        by_family[one.family].append(one)
    return by_family


def rules_that_hold(mail: Labelled) -> list[str]:
    seen = inspection.conclude(inspection.read(mail.content, LIMITS), b"k" * 32)
    envelope = judged.mail("dest@mail.example", sender=f"agent@{OURS}", content=mail.content)
    return [v.rule for v in JUDGE.decide(envelope, seen) if v.disposition is not Disposition.PASS]


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_none_of_a_family_is_held(family):
    held = {mail.name: rules for mail in sample()[family] if (rules := rules_that_hold(mail))}
    assert held == {}


def test_the_same_seed_gives_the_same_mails_and_another_gives_others():
    def texts(seed: int) -> list[bytes]:  # documents bear the time at which they were made
        return [m.content for m in labelled(seed, 200) if m.medium in ("body", "html")]

    assert texts(1) == texts(1)
    assert not set(texts(1)) & set(texts(2))


def test_the_halves_are_of_equal_size_and_use_every_family_and_medium():
    mails = [mail for group in sample().values() for mail in group]
    halves = Counter(mail.family.startswith(HALVES["health"]) for mail in mails)
    assert halves == {True: COUNT // 2, False: COUNT // 2}
    assert {mail.family for mail in mails} == {family.name for family in FAMILIES}
    assert {mail.medium for mail in mails} == {"body", "html", "pdf", "docx", "xlsx", "csv", "pptx"}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_has_many_frames_and_each_slot_is_known(family):
    frames = (*family.subjects, *family.opens, *family.bodies, *family.ends)
    assert len(set(family.bodies)) >= 15
    assert all(frame.count("{") == frame.count("}") for frame in frames)
    assert {slot for frame in frames for slot in _SLOT.findall(frame)} <= SLOTS.keys() | _XML
