"""Tokens of the console's API from the command line: made for less than the roles allow, listed,
revoked."""

from __future__ import annotations

import asyncio

import pytest

from gateway.store.database import Database
from gateway.store.tokens import Tokens


def find(configured, secret):
    database = Database.open(f"sqlite:///{configured}/vaguemestre.db")
    try:
        return asyncio.run(Tokens(database).find(secret))
    finally:
        database.close()


@pytest.fixture
def claire(vaguemestre, configured):
    vaguemestre("users", "add", "claire", "--role", "officer")
    return configured


def test_a_token_is_printed_once_and_revoked_by_its_id(vaguemestre, claire):
    made = vaguemestre("users", "token", "claire", "--for", "supervision", "--days", 7)
    secret = made.out.strip()
    found = find(claire, secret)
    assert found is not None
    assert (found.account, found.name, found.acts) == ("claire", "supervision", ("see",))
    assert round((found.expires - found.created) / 86400) == 7
    told = vaguemestre("users", "tokens", "claire").out
    assert found.id in told
    assert "supervision" in told
    assert secret not in told
    assert vaguemestre("users", "revoke-token", "claire", found.id).status == 0
    assert find(claire, secret) is None
    assert vaguemestre("users", "revoke-token", "claire", found.id).status == 1


@pytest.mark.parametrize(
    ("about", "status", "said"),
    [
        (("claire", "--for", "x", "--act", "administer"), 1, "no role"),
        (("personne", "--for", "x"), 1, "no such account"),
        (("claire", "--for", "Mon Jeton"), 2, "--for"),
        (("claire", "--for", "x", "--days", 0), 2, "--days"),
        (("claire", "--for", "x", "--days", 400), 2, "--days"),
    ],
)
def test_no_token_is_made_for_more_than_may_be(vaguemestre, claire, about, status, said):
    done = vaguemestre("users", "token", *about)
    assert done.status == status
    assert said in done.out + done.err
    assert "vgm_" not in done.out
