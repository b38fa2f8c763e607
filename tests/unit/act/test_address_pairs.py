"""A file of ordinary and MSSanté addresses."""

import os

import pytest

from gateway.act.address_pairs import AddressPairs
from gateway.errors import Misconfigured

OWN = "marie.dupont@ch-x.mssante.fr"


def inside(address):
    return address.endswith(".mssante.fr")


def pairs(tmp_path, text):
    path = tmp_path / "senders.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return AddressPairs(path, inside)


@pytest.mark.parametrize(
    "line",
    [
        f"marie@chu.example;{OWN}",
        f"marie@chu.example,{OWN}",
        f' Marie@CHU.example ; "{OWN}" \r',
        f"\ufeffmarie@chu.example;{OWN}",
        f"# ordinaire;mssante\n\nmarie@chu.example;{OWN}\n",
    ],
)
def test_an_address_has_the_one_on_its_right(tmp_path, line):
    known = pairs(tmp_path, line)
    assert known("marie@chu.example") == known("MARIE@chu.example") == OWN
    assert known("autre@chu.example") == known("") == ""


def test_who_is_named_himself_comes_before_his_domain(tmp_path):
    known = pairs(tmp_path, f"@chu.example;service@ch-x.mssante.fr\nmarie@chu.example;{OWN}\n")
    assert known("marie@chu.example") == OWN
    assert known("autre@chu.example") == "service@ch-x.mssante.fr"
    assert known("autre@sub.chu.example") == ""


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("marie@chu.example", ":1: no address on the right"),
        (f"\nmarie;{OWN}", ":2: no address on the left"),
        (f"@;{OWN}", ":1: no address on the left"),
        ("marie@chu.example;marie@gmail.example", ":1: the address on the right is not of"),
        (f"a@b.example;{OWN}\nA@b.example;{OWN}", ":2: named twice"),
        (f"a@b.example;{OWN};x", ":1: no address on the right"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_is_wrong_is_refused_and_quotes_nobody(tmp_path, text, where):
    with pytest.raises(Misconfigured) as refusal:
        pairs(tmp_path, text)
    assert where in str(refusal.value)
    assert "marie" not in str(refusal.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Misconfigured, match="cannot be read"):
        AddressPairs(tmp_path / "nowhere.csv", inside)


def test_a_change_counts_at_once_and_a_mistake_never(tmp_path):
    known = pairs(tmp_path, f"marie@chu.example;{OWN}\n")
    path = tmp_path / "senders.csv"
    for number, text in enumerate((f"paul@chu.example;{OWN}\n", "paul@chu.example;\n")):
        path.write_text(text)
        os.utime(path, (number + 1, number + 1))
        assert known("paul@chu.example") == OWN
        assert known("marie@chu.example") == ""
