"""Rules from disk: all of them or none, and what follows is said."""

from __future__ import annotations

import pytest

from gateway import rulebook
from gateway.errors import Misconfigured

KINDS = ("fr.nir",)
SOUND = "id: {}\ntitle: Essai\nwhen: {{recipient: external}}\nthen: quarantine\n"
CASES = "- {case: a, to: [x@mail.example], expect: {x@mail.example: quarantine}}\n"


@pytest.fixture
def rules(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    write("health/a.yaml", SOUND.format("a"))
    return write


def complaint(*directories):
    with pytest.raises(Misconfigured) as refused:
        rulebook.read_rules(directories, KINDS, consequence="the gateway keeps the rules of 09:14")
    return str(refused.value)


def test_rules_and_their_tests_are_read_apart(rules):
    rules("health/a.test.yaml", CASES)
    directory = rules("b.yaml", SOUND.format("b"))
    assert [rule.id for rule in rulebook.read_rules([directory], KINDS).rules] == ["a", "b"]
    [(path, [case])] = rulebook.tests_of([directory]).items()
    assert path.endswith("health/a.test.yaml")
    assert case.case == "a"


def test_one_fault_and_nothing_is_loaded(rules):
    directory = rules("health/b.yaml", SOUND.format("b").replace("external", "externl"))
    told = complaint(directory)
    assert f"{directory}/health/b.yaml:3:19: unknown recipient" in told
    assert told.splitlines()[-1] == (
        "1 error in 1 of 2 rule files. Nothing was loaded: the gateway keeps the rules of 09:14."
    )


def test_the_site_replaces_across_directories(rules, tmp_path):
    rules("one/a.yaml", SOUND.format("c"))
    rules("two/site/a.yaml", SOUND.format("c").replace("quarantine", "reject"))
    found = rulebook.read_rules([tmp_path / "one", tmp_path / "two"], KINDS)
    assert [rule.then.value for rule in found.rules] == ["reject"]


def test_the_same_id_in_two_directories_is_an_error(rules):
    directory = rules("other/a.yaml", SOUND.format("a"))
    assert "is already that of" in complaint(directory)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("b.yml", "id: b\n", "rename it to .yaml"),
        ("b.yaml", b"id: \xe9\n", "not UTF-8"),
        ("b.yaml", b"a" * 1_000_001, "more than 1 MB"),
        ("b.yaml", "", "the file is empty"),
    ],
)
def test_a_file_that_is_no_rule_is_not_passed_over(rules, name, text, told):
    assert told in complaint(rules(name, text))


def test_what_starts_with_a_dot_is_left_out(rules):
    rules("..2026_01_05/b.yaml", SOUND.format("a"))
    directory = rules(".b.yaml", "no rule")
    assert len(rulebook.read_rules([directory], KINDS).rules) == 1


def test_a_byte_order_mark_does_no_harm(rules):
    directory = rules("b.yaml", b"\xef\xbb\xbf" + SOUND.format("b").encode())
    assert len(rulebook.read_rules([directory], KINDS).rules) == 2


def test_no_rules_and_no_directory_are_errors(tmp_path):
    assert "no rule at all" in complaint(tmp_path)
    assert "no such directory" in complaint(tmp_path / "none")
    assert "no rule at all" in complaint()


def test_a_broken_test_is_told(rules):
    directory = rules("health/a.test.yaml", CASES.replace("case:", "cas:"))
    with pytest.raises(Misconfigured, match="unknown key") as refused:
        rulebook.tests_of([directory])
    assert "no test was run" in str(refused.value)
