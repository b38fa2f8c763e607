"""Health said of a person is stopped; the words of health about nobody pass. Shares, not samples.

The mails written by hand stand in files of their own; the made ones come from
tests/makers/clinical. Here there are enough of them to see a change for the worse.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Disposition
from gateway.rulebook import read_rules
from tests.makers import clinical, judged, mails
from tests.makers.clinical.reading import families

HERE = Path(__file__).parent
JUDGE = Judge(read_rules([SHIPPED_RULES], search.kinds()), Places(domains=("chu.example",)), None)


def stopped(content: bytes) -> bool:
    seen = inspection.conclude(inspection.read(content, DEFAULT_LIMITS), b"k" * 32)
    [verdict] = JUDGE.decide(judged.mail("support@editeur.example", content=content), seen)
    assert not seen.problems
    return verdict.disposition is not Disposition.PASS


def by_hand(name: str) -> list[tuple[str, str]]:
    _, *blocks = ("\n" + (HERE / name).read_text("utf-8")).split("\n=== ")
    return [(subject, text) for subject, _, text in (one.partition("\n") for one in blocks)]


def of_mail(subject: str, text: str) -> bytes:
    headers = {"From": "agent@chu.example", "To": "support@editeur.example"}
    coded = subject.encode("utf-8").hex("=").upper()
    return mails.message(mails.text(text), {**headers, "Subject": f"=?utf-8?q?={coded}?="})


def test_nearly_all_mails_about_a_patient_are_stopped():
    written = by_hand("clinical_by_hand.txt")
    assert len(written) == 120
    passed = [subject for subject, text in written if not stopped(of_mail(subject, text))]
    assert len(passed) <= 7, passed


def test_nearly_no_mail_with_health_words_about_nobody_is():
    written = by_hand("innocent_by_hand.txt")
    assert len(written) == 120
    held = [subject for subject, text in written if stopped(of_mail(subject, text))]
    assert len(held) <= 1, held


CASE = (
    "Patient de 48 ans, hypertendu et diabétique depuis dix ans, qui consulte pour une douleur "
    "thoracique. TA 165/100, SpO2 95 %, EVA à 8. Syndrome coronarien aigu, coronarographie."
)


def test_a_case_without_identity_passes():
    assert not stopped(of_mail("cas du staff", CASE))


@pytest.mark.parametrize(
    "who",
    ["Mme Martine DURAND, née le 12/03/1961. ", "Patient : LEROY Paul\n", "M. Paul Leroy : "],
)
def test_the_same_case_with_a_name_is_stopped(who):
    assert stopped(of_mail("cas du staff", who + CASE))


def test_the_made_mails_are_stopped_whatever_paper_and_medium():
    made = list(clinical.labelled(seed=1, count=5 * len(families())))
    missed = Counter(one.family for one in made if not stopped(one.content))
    assert missed.total() <= 0.04 * len(made), missed
    assert {one.medium for one in made} == {"body", "html", "pdf", "docx"}


def test_the_same_seed_makes_the_same_mails():
    first, again = (
        {
            one.name: one.content
            for one in clinical.labelled(seed=3, count=40)
            if one.medium != "docx"
        }
        for _ in range(2)
    )
    assert first == again  # a .docx holds the time when it was packed
    assert len({*first.values()}) == len(first)


def test_a_scan_is_one_of_the_media():
    assert any(one.medium == "scan" for one in clinical.labelled(seed=1, count=100, scanned=True))
