"""The filter, run by a small interpreter of BPF, so that both machines' tables are tried on one."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from gateway.sandbox import seccomp

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def verdict(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the kernel would answer to this call."""
    program = seccomp.program(machine)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number, audit or AUDIT[machine], 0, *padded)
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, k = steps[at]
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, k)
            case 0x15:
                at += if_true if accumulator == k else if_false
            case 0x06:
                return k
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


def numbers(calls, machine):
    column = list(AUDIT).index(machine)
    return {name: pair[column] for name, pair in calls.items() if pair[column] is not None}


@pytest.mark.parametrize("machine", AUDIT)
@pytest.mark.parametrize(
    ("calls", "expected"), [(seccomp._ALLOWED, ALLOW), (seccomp._FATAL, KILL)], ids=["few", "fatal"]
)
def test_each_listed_call_gets_its_answer(machine, calls, expected):
    for name, number in numbers(calls, machine).items():
        assert verdict(machine, number) == expected, name


@pytest.mark.parametrize("machine", AUDIT)
def test_all_other_calls_are_refused(machine):
    listed = numbers(seccomp._ALLOWED | seccomp._FATAL, machine).values()
    for number in set(range(600)) - set(listed):
        assert verdict(machine, number) == REFUSE, number


@pytest.mark.parametrize("machine", AUDIT)
def test_the_same_numbers_with_the_bit_of_another_calling_convention_are_refused(machine):
    for number in numbers(seccomp._ALLOWED, machine).values():
        assert verdict(machine, number | 0x40000000) == REFUSE  # x32


@pytest.mark.parametrize("machine", AUDIT)
def test_a_call_by_the_rules_of_another_machine_kills(machine):
    assert verdict(machine, 0, audit=0x40000003) == KILL  # AUDIT_ARCH_I386


@pytest.mark.parametrize(("machine", "newfstatat"), [("x86_64", 262), ("aarch64", 79)])
def test_a_descriptor_may_be_looked_at_but_no_path(machine, newfstatat):
    assert verdict(machine, newfstatat, 3, 0, 0, 0x1000) == ALLOW  # AT_EMPTY_PATH
    assert verdict(machine, newfstatat, 3, 0, 0, 0) == REFUSE
    assert verdict(machine, newfstatat, 3, 0, 0, 0x1100) == REFUSE


def test_no_call_is_both_allowed_and_fatal():
    assert not seccomp._ALLOWED.keys() & seccomp._FATAL.keys()


def test_a_machine_without_a_table_gets_no_filter():
    assert seccomp.program("riscv64") is None


@pytest.mark.parametrize("machine", AUDIT)
def test_the_numbers_are_those_of_the_kernel(machine):
    if not HEADERS[machine].exists():
        pytest.skip("the headers of Linux are not installed")
    text = HEADERS[machine].read_text()
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text))
    for name, number in numbers(seccomp._ALLOWED | seccomp._FATAL, machine).items():
        spelling = {"lseek": "lseek", "newfstatat": "fstatat"}.get(name, name)
        assert int(found[spelling]) == number, name
