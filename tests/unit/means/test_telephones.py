"""Numbers of recipients that a directory knows: asked with bounds, of one person alone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from gateway.ldap.wire import Away
from gateway.means.telephones import AWAY_SECONDS, Telephones
from tests.release import Quiet

PAUL = "paul@cabinet.example"


class Book:
    """A directory that has these entries, and writes down who was asked for."""

    def __init__(self, *entries, fails=None):
        self.entries, self.fails, self.asked = entries, fails, []

    async def of(self, address, wanted):
        self.asked.append((address, wanted))
        if self.fails:
            raise self.fails
        return tuple(SimpleNamespace(attributes={"mobile": one}) for one in self.entries)


def known(book, *, now=lambda: 0.0, seconds=60.0):
    return Telephones(book, "mobile", seconds, Quiet(), now)


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ((("06 39 98 00 01",),), "+33639980001"),
        ((("poste 12", "+32 470 12 34 56"),), "+32470123456"),
        (((),), ""),
        ((("poste 12",),), ""),
        ((), ""),
        ((("06 39 98 00 01",), ("06 39 98 00 02",)), ""),
    ],
    ids=["one", "the first that is a number", "none", "no number", "nobody", "two persons"],
)
def test_the_number_is_that_of_the_one_person_of_this_address(entries, number):
    book = Book(*entries)
    assert asyncio.run(known(book)(PAUL)) == number
    assert book.asked == [(PAUL, ("mobile",))]


@pytest.mark.parametrize("fails", [Away("unreachable"), TimeoutError()], ids=["away", "late"])
def test_a_directory_that_fails_is_left_alone_for_a_while(fails):
    now = [0.0]
    book = Book(fails=fails)
    ask = known(book, now=lambda: now[0])
    assert [asyncio.run(ask(PAUL)) for _ in range(3)] == ["", "", ""]
    assert len(book.asked) == 1
    now[0] = AWAY_SECONDS
    asyncio.run(ask(PAUL))
    assert len(book.asked) == 2


def test_nobody_waits_longer_than_he_was_told_to():
    class Silent:
        async def of(self, address, wanted):
            await asyncio.Event().wait()

    assert asyncio.run(known(Silent(), seconds=0.01)(PAUL)) == ""


def test_an_address_that_cannot_be_written_is_not_asked_for_and_blames_no_directory():
    book = Book(("06 39 98 00 01",), fails=None)
    ask = known(book)
    assert asyncio.run(ask("jos\udce9@cabinet.example")) == ""
    assert asyncio.run(ask(PAUL)) == "+33639980001"
    assert [address for address, _ in book.asked] == [PAUL]
