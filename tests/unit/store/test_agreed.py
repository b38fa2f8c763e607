"""Passwords agreed on beforehand: found by whoever has the key, and readable to nobody else."""

from __future__ import annotations

import os

import pytest

from gateway.errors import Misconfigured
from gateway.store import hmac_key
from gateway.store.agreed import Agreed, complaint

PAUL, SECRET = "paul@cabinet.example", "quatre mots à part"


@pytest.fixture
def agreed(tmp_path):
    path = tmp_path / "hmac.key"
    path.write_bytes(os.urandom(32))
    path.chmod(0o440)
    return Agreed(tmp_path)


def file_of(agreed):
    return agreed._directory / "agreed.txt"


def test_of_an_address_before_its_domain(agreed):
    assert agreed(PAUL) == ""
    agreed.put("@cabinet.example", "celui du domaine")
    agreed.put(PAUL, SECRET)
    assert agreed("Paul@Cabinet.example") == SECRET
    assert agreed("eve@cabinet.example") == "celui du domaine"
    assert agreed("eve@labo.example") == ""


def test_the_latest_counts_until_it_is_forgotten(agreed):
    agreed.put(PAUL, "le premier des deux")
    agreed.put(PAUL, SECRET)
    assert agreed(PAUL) == SECRET
    assert agreed.forget(PAUL)
    assert agreed(PAUL) == ""
    assert not agreed.forget(PAUL)


def test_the_file_says_neither_who_nor_what_and_is_no_more_open_than_the_key(agreed):
    agreed.put(PAUL, SECRET)
    agreed.put("eve@cabinet.example", SECRET)
    written = file_of(agreed).read_text()
    assert PAUL not in written
    assert SECRET not in written
    assert len({line.partition(" ")[2] for line in written.splitlines()}) == 2
    assert file_of(agreed).stat().st_mode & 0o777 == 0o440


def test_under_a_former_key_it_is_still_read_and_set_anew(agreed):
    agreed.put(PAUL, SECRET)
    former = hmac_key.replace(agreed._directory)
    assert agreed(PAUL) == SECRET
    agreed.put(PAUL, "un autre mot de passe")
    assert len(file_of(agreed).read_text().splitlines()) == 1
    former.unlink()
    assert agreed(PAUL) == "un autre mot de passe"


def test_one_line_put_under_another_name_opens_nothing(agreed):
    agreed.put(PAUL, SECRET)
    agreed.put("eve@cabinet.example", "un autre mot de passe")
    (pauls, his), (eves, hers) = (
        line.split(" ") for line in file_of(agreed).read_text().splitlines()
    )
    file_of(agreed).chmod(0o600)
    file_of(agreed).write_text(f"{pauls} {hers}\n{eves} {his}\nbroken ===\n")
    assert agreed(PAUL) == ""


def test_a_file_that_cannot_be_read_is_told_by_its_name(agreed):
    file_of(agreed).write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match=r"agreed\.txt"):
        agreed(PAUL)


@pytest.mark.parametrize(
    ("secret", "sound"),
    [
        ("quatre mots plats", True),
        ("k7ra-m2wx-9hpf-3cte", True),
        ("a" * 11, False),
        ("a" * 101, False),
        ("quatre mots accentués", False),  # readers disagree on how to spell them
        ("deux\tcolonnes ici", False),
        (" quatre mots plats", False),
    ],
)
def test_what_can_be_agreed_on(secret, sound):
    assert (complaint(secret) == "") is sound
