"""Office files under a password: which open by themselves, and what is told of the others."""

import pytest

from gateway import inspection
from gateway.extract import compound
from gateway.extract.compound_copy import written
from gateway.model import Coverage, Limits, Trouble
from tests.makers import documents as made
from tests.makers import excel, powerpoint, word
from tests.makers.locks_of_office import OFFICE_ROUNDS, locked_package, locked_workbook

NIR = "2 79 03 51 999 151 89"
BY_HEART = "VelvetSweatshop"  # what Excel locks a workbook against changes with
BOOK = excel.workbook({"A": [["Nom", "NIR"], ["x", NIR]]})

OPEN = {
    "a workbook locked against changes": locked_package(
        made.xlsx({"A": [[NIR]]}), BY_HEART, OFFICE_ROUNDS
    ),
    "an old workbook locked against changes": excel.xls(locked_workbook(BOOK, BY_HEART)),
}

ROUNDS = written(
    {
        ("EncryptionInfo",): b'<p:encryptedKey spinCount="2000000000"/>',
        ("EncryptedPackage",): b"x",
    }
)
SHUT = {
    "a docx": locked_package(made.docx(NIR), "Mimosa-7"),
    "an xlsx": locked_package(made.xlsx({"A": [[NIR]]}), "Mimosa-7"),
    "an old workbook": excel.xls(locked_workbook(BOOK, "Mimosa-7")),
    "an old document": word.doc("x", encrypted=True),
    "an old presentation": powerpoint.ppt(encrypted=True),
    "a package with too many rounds": ROUNDS,
    "a document of a rights server": written({("\x09DRMContent",): b"x"}),
    "a package without its key": written({("EncryptedPackage",): b"x"}),
}


def extracted(data):
    return list(inspection.extracts("f", data, Limits()))


@pytest.mark.parametrize("name", OPEN)
def test_what_every_program_opens_without_asking_is_read(name):
    parts = extracted(OPEN[name])
    assert NIR in "\n".join(part.text for part in parts)
    assert [problem for part in parts for problem in part.problems] == []


@pytest.mark.parametrize("name", SHUT)
def test_what_asks_for_a_password_is_told_as_encrypted(name):
    parts = extracted(SHUT[name])
    assert NIR not in "\n".join(part.text for part in parts)
    assert {problem.kind for part in parts for problem in part.problems} == {Trouble.ENCRYPTED}
    assert Coverage.worst(part.coverage for part in parts) is not Coverage.WHOLE


def test_no_time_is_spent_on_a_key_derived_by_two_thousand_million_rounds():
    """Bounded by the check of the count: without it this test does not end."""
    assert compound.kind(ROUNDS) == "locked"
    assert extracted(ROUNDS)[0].problems[0].kind is Trouble.ENCRYPTED
