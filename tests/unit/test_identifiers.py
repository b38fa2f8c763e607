"""Identifiers of the house: read with all complaints, tested as they load, found on both ways."""

from __future__ import annotations

import asyncio
import re

import pytest

from gateway import identifiers, inspection
from gateway.detect import search, site
from gateway.errors import Misconfigured
from gateway.model import DEFAULT_LIMITS, Likelihood, Medium, Place, Text
from gateway.sandbox.wall import SandboxWall

SOUND = """\
- id: site.dossier
  pattern: "D ?[0-9]{8}"
  context: [dossier, "n° d'affaire"]
  check: luhn
  shown: 1
  match: ["dossier D 12345674", "N° D'AFFAIRE d12345674"]
  not: ["commande D 12345674", "dossier D 12345675", "dossier AD12345674"]
"""


@pytest.fixture(autouse=True)
def _nobody_learns_for_good():
    yield
    site.know([])


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "identifiers.yaml"
        path.write_text(text)
        return path

    return write


def hits(text):
    found, problems = search.search([Text(Place("1"), text, Medium.BODY)])
    assert not problems
    return [(h.value, h.likelihood) for h in found if h.kind == "site.dossier"]


def test_they_are_kinds_like_others(file):
    identifiers.install([file(SOUND)])
    assert "site.dossier" in search.kinds()
    assert hits("Dossier D 12345674.") == [("D12345674", Likelihood.VERY_LIKELY)]
    assert hits("D 12345674") == [("D12345674", Likelihood.POSSIBLE)]
    assert search.masked("site.dossier", "D12345674") == "D********"


def test_without_a_file_there_are_none():
    identifiers.install([])
    assert not any(kind.startswith("site.") for kind in search.kinds())


def test_two_side_by_side_are_two(file):
    text = "- {id: site.dossier, pattern: '[0-9]{4}', match: ['1234'], not: ['123']}\n"
    identifiers.install([file(text)])
    assert [value for value, _ in hits("1234 5678,9012")] == ["1234", "5678", "9012"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((r'"D ?[0-9]{8}"', r'"(?=x)D"'), r":2:12: not a linear pattern"),
        ((r'"D ?[0-9]{8}"', r'"(D)\\1"'), r":2:12: not a linear pattern"),
        ((r'"D ?[0-9]{8}"', '"D?"'), r":2:12: it matches nothing at all"),
        (("luhn", "lunh"), r':4:10: unknown check "lunh"'),
        (("site.dossier", "dossier"), r":1:7: "),
        (('"dossier D 12345674"', '"dossier D 12345675"'), r":6:11: it is not found here"),
        (('"dossier D 12345675"', '"dossier D 12345674"'), r":7:32: it is found here"),
        (("  not:", "  nott:"), r"nott"),
        (("match: [", "match: [] #"), r":6:"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(file, change, told):
    path = file(SOUND.replace(*change))
    with pytest.raises(Misconfigured) as refusal:
        identifiers.read([path])
    assert re.search(told, str(refusal.value)), refusal.value


def test_the_same_id_twice_is_refused(file):
    path = file(SOUND)
    with pytest.raises(Misconfigured, match="twice"):
        identifiers.read([path, path])


def test_workers_behind_the_wall_know_them(file):
    identifiers.install([file(SOUND)])
    warm = identifiers.warming()
    site.know([])

    async def read():
        wall = SandboxWall(workers=1, warm=warm)
        await wall.start()
        try:
            content = b"Subject: x\r\n\r\ndossier D 12345674\r\n"
            return await wall.read(content, DEFAULT_LIMITS, seconds=60)
        finally:
            await wall.close()

    reading = asyncio.run(read())
    assert [hit.value for hit in reading.hits if hit.kind == "site.dossier"] == ["D12345674"]


def test_the_door_itself_knows_them(file):
    identifiers.install([file(SOUND)])
    reading = inspection.simple(b"Subject: x\r\n\r\ndossier D 12345674\r\n", DEFAULT_LIMITS)
    assert reading is not None
    assert [hit.kind for hit in reading.hits] == ["site.dossier"]
