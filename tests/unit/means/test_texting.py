"""Passwords by text message: to whom, what is said, and what becomes of those that fail."""

from __future__ import annotations

import asyncio
import os

import pytest
import structlog

from gateway.means.texting import MOST, Numbers, Texting

LINES = """\ufeff# remarque
Dr.Martin@Cabinet.example ; 06 39 98 00 01
x@cabinet.example;+41 22 379 00 00
sans-numero@cabinet.example
faux@cabinet.example;12

"""


@pytest.fixture
def numbers(tmp_path):
    path = tmp_path / "numeros.csv"
    path.write_text(LINES, "utf-8")
    return Numbers(path)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("dr.martin@cabinet.example", "+33639980001"),
        ("DR.MARTIN@cabinet.example", "+33639980001"),
        ("x@cabinet.example", "+41223790000"),
        ("sans-numero@cabinet.example", ""),
        ("faux@cabinet.example", ""),
        ("autre@cabinet.example", ""),
        ("# remarque", ""),
    ],
)
def test_who_has_a_number(numbers, address, number):
    assert numbers(address) == number


def test_the_file_is_read_again_when_it_changes_or_goes(numbers):
    assert numbers("new@cabinet.example") == ""
    numbers.path.write_text("new@cabinet.example;0639980002\n")
    os.utime(numbers.path, ns=(1, 1))
    assert numbers("new@cabinet.example") == "+33639980002"
    numbers.path.unlink()
    assert numbers("new@cabinet.example") == ""
    assert Numbers(None)("new@cabinet.example") == ""


class Box:
    """A gateway that refuses some numbers."""

    def __init__(self, *refused):
        self.refused, self.taken = refused, []

    async def send(self, number, text):
        self.taken.append((number, text))
        return number not in self.refused


def texted(box, numbers, recipients):
    return asyncio.run(
        Texting(box, numbers, structlog.get_logger())(recipients, "k7ra-m2wx-9hpf-3cte")
    )


def test_those_with_a_number_get_it_and_nobody_is_named(numbers):
    box = Box("+41223790000")
    to = ("a@cabinet.example", "dr.martin@cabinet.example", "x@cabinet.example")
    assert texted(box, numbers, to) == ("dr.martin@cabinet.example",)
    assert [number for number, _ in box.taken] == ["+33639980001", "+41223790000"]
    [text] = {text for _, text in box.taken}
    assert text.endswith(" : k7ra-m2wx-9hpf-3cte")
    assert "@" not in text
    assert "artin" not in text


def test_a_list_of_hundreds_is_told_by_the_sender(numbers):
    lines = [f"p{n}@cabinet.example;06399800{n:02}" for n in range(30)]
    numbers.path.write_text("\n".join(lines))
    box = Box()
    assert len(texted(box, numbers, [line.partition(";")[0] for line in lines])) == MOST
