"""The white list of MSSanté: read whole or not at all, in force for as long as it is fresh."""

import os

import pytest

from gateway.act import white_list
from gateway.act.white_list import NAME, Unusable, WhiteList
from tests.makers import mssante

DAY = 86_400.0


def test_the_domains_of_a_list_are_those_it_names():
    assert white_list.names(mssante.white_list()).domains == set(mssante.DOMAINS)
    assert white_list.names(mssante.white_list(" CHU.mssante.fr ")).domains == {"chu.mssante.fr"}


def test_a_list_twice_as_long_as_that_of_2025_is_read():
    """A domain stands there once for each certificate of its operator."""
    document = mssante.white_list(*mssante.DOMAINS * 8_000)
    assert len(document) > 2 * 3_700_000
    assert white_list.names(document).domains == set(mssante.DOMAINS)


def test_what_comes_after_the_domains_changes_nothing():
    signed = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'
    assert white_list.names(mssante.white_list(more=signed)).domains == set(mssante.DOMAINS)


def test_one_name_that_is_none_leaves_out_itself_alone():
    others = [f"d{n}.mssante.fr" for n in range(99)]
    found = white_list.names(mssante.white_list("a b", *others))
    assert (found.domains, found.unread) == (set(others), 1)
    with pytest.raises(Unusable, match="no names"):
        white_list.names(mssante.white_list("a b", "", *others[1:]))


ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
EMPTY = mssante.white_list().split(b"<ListeDomaines>")[0] + b"</ListeBlancheMSSante>"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "not XML"),
        (b"<html>404</html>", "not a white list"),
        (mssante.white_list()[:-30], "not XML"),
        (mssante.white_list(namespace="https://ailleurs.example"), "not a white list"),
        (EMPTY, "no domain"),
        (mssante.white_list("medecin.mssante.fr", ""), "no names"),
        (mssante.white_list("medecin.mssante.fr", "a b"), "no names"),
        (mssante.white_list("medecin.mssante.fr", "*.mssante.fr"), "no names"),
        (mssante.white_list(doctype=ENTITY), "document type"),
        (mssante.white_list("&amp;b;", doctype=LAUGHS), "document type"),
        (b" " * (white_list.MAX_BYTES + 1), "too big"),
    ],
)
def test_what_is_no_list_is_refused_whole(document, why):
    with pytest.raises(Unusable, match=why):
        white_list.names(document)


@pytest.fixture
def folder(tmp_path):
    white_list.keep(tmp_path / "mssante", frozenset(mssante.DOMAINS), 1_000 * DAY)
    return tmp_path / "mssante"


def at(folder, days, expired=30.0):
    return WhiteList(folder, expired, clock=lambda: (1_000 + days) * DAY)


def test_a_list_tells_who_takes_part_until_it_expires(folder):
    known = at(folder, 29)
    assert known.listed("medecin.mssante.fr") is True
    assert known.listed("inconnu.mssante.fr") is False
    assert known.age() == 29 * DAY
    assert at(folder, 31).listed("medecin.mssante.fr") is None


def test_without_a_list_nobody_knows(tmp_path):
    assert at(tmp_path, 1).listed("medecin.mssante.fr") is None
    assert at(tmp_path, 1).age() is None
    (tmp_path / NAME).write_bytes(b"\xff")
    assert at(tmp_path, 1).listed("medecin.mssante.fr") is None


def test_a_new_list_is_in_force_at_once(folder):
    known = at(folder, 1)
    assert known.listed("neuf.mssante.fr") is False
    white_list.keep(folder, frozenset(["neuf.mssante.fr"]), 1_001 * DAY)
    assert known.listed("neuf.mssante.fr") is True
    assert known.listed("medecin.mssante.fr") is False


def test_nothing_but_the_whole_list_lies_there(folder):
    assert os.listdir(folder) == [NAME]
