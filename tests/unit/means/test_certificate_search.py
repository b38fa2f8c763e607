"""Certificates that are found beside a mail, and how they are kept."""

from __future__ import annotations

import asyncio

import pytest

from gateway.act.certificate_path import Anchors
from gateway.act.certificate_use import Known
from gateway.act.certificates import Directory, Trust
from gateway.act.revocation import Revocations
from gateway.ldap.wire import Away
from gateway.means.certificate_search import AWAY_SECONDS, FRESH_SECONDS, CertificateSearch
from gateway.means.found_certificates import Entry, Found, merged
from tests.makers import pki, sealing
from tests.release import Quiet
from tests.unit.act.test_signed_mail import signed

MARIE, PAUL = "marie@cabinet.example", "paul@cabinet.example"
ROOT, STRANGER = pki.Authority("Racine fictive"), pki.Authority("Autorité inconnue")
HERS = ROOT.issue(MARIE, key=sealing.ec_key("hers"))
NEWER = ROOT.issue(MARIE, key=sealing.ec_key("newer"), days=(-1, 90))
KEY = bytes(range(32))


class Shelf:
    """A directory that has these, and writes down who was asked for."""

    def __init__(self, **certificates):
        self.has, self.asked = certificates, []
        self.answers = asyncio.Event()
        self.answers.set()
        self.away = False

    async def of(self, address):
        self.asked.append(address)
        await self.answers.wait()
        if self.away:
            raise Away("unreachable")
        return self.has.get(address.partition("@")[0], ())


class Clock:
    now = sealing.RECEIVED

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def search(tmp_path, clock):
    (tmp_path / "anchors").mkdir()
    several = pki.pem(ROOT.certificate)
    (tmp_path / "anchors" / "root.pem").write_bytes(several)
    return CertificateSearch(
        Found(tmp_path / "found", KEY),
        Anchors(tmp_path / "anchors"),
        lambda address: address.endswith("@ch.example"),
        Quiet(),
        seconds=60.0,
        clock=clock,
    )


def asked(search, shelf, *to):
    search.directory = shelf
    asyncio.run(search(sealing.mail(to=to)))


def held(search, address=MARIE):
    return {one.certificate for one in search.found.held(address)}


def test_a_directory_is_asked_for_those_outside_once_a_day(search, clock):
    shelf = Shelf(marie=(HERS, ROOT.certificate))
    for _ in range(2):
        asked(search, shelf, MARIE.upper(), "claire@ch.example", PAUL)
    assert shelf.asked == [MARIE, PAUL]
    assert held(search) == {HERS}  # the authority completes the path
    assert held(search, PAUL) == set()
    clock.now += FRESH_SECONDS
    asked(search, shelf, MARIE)
    assert shelf.asked == [MARIE, PAUL, MARIE]


def test_what_the_directory_replaces_or_takes_away_is_followed(search, clock):
    shelf = Shelf(marie=(HERS,))
    asked(search, shelf, MARIE)
    for has, kept in (((NEWER,), {NEWER}), ((), set())):
        clock.now += FRESH_SECONDS
        shelf.has["marie"] = has
        asked(search, shelf, MARIE)
        assert held(search) == kept


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (STRANGER.issue(MARIE, key=sealing.ec_key("hers")), "no path to an anchor"),
        (ROOT.issue(PAUL, key=sealing.ec_key("hers")), "it is Paul's"),
    ],
)
def test_a_directory_proves_nothing_by_itself(search, given, why):
    asked(search, Shelf(marie=(given,)), MARIE)
    assert held(search) == set(), why


def test_a_directory_that_is_away_is_left_alone_for_a_minute(search, clock):
    shelf = Shelf(marie=(HERS,))
    shelf.away = True
    asked(search, shelf, MARIE)
    asked(search, shelf, PAUL)
    assert shelf.asked == [MARIE]
    assert len(search.log.said("certificate directory away")) == 1
    clock.now += AWAY_SECONDS
    shelf.away = False
    asked(search, shelf, MARIE)
    assert held(search) == {HERS}


def test_a_mail_does_not_wait_for_ever_and_the_late_answer_serves_the_next(search):
    shelf = Shelf(marie=(HERS,))
    search.seconds = 0.01

    async def go():
        shelf.answers.clear()
        search.directory = shelf
        await search(sealing.mail(to=(MARIE,)))
        assert held(search) == set()
        await search(sealing.mail(to=(MARIE,)))  # nor is it asked twice meanwhile
        shelf.answers.set()
        await asyncio.gather(*search._under_way)

    asyncio.run(go())
    assert shelf.asked == [MARIE]
    assert held(search) == {HERS}


def test_a_signed_mail_gives_the_certificate_of_its_writer(search, tmp_path):
    mail = signed(tmp_path, issuer=ROOT)
    asyncio.run(search(mail))
    assert [pki.pem(one) for one in held(search)] == [(tmp_path / "signer.pem").read_bytes()]


@pytest.mark.parametrize(
    ("changes", "harvest"), [({"issuer": STRANGER}, True), ({"issuer": ROOT}, False)]
)
def test_what_is_not_proven_or_not_wanted_is_not_kept(search, tmp_path, changes, harvest):
    search.harvest = harvest
    asyncio.run(search(signed(tmp_path, **changes)))
    assert list(search.found.every()) == []


def test_colleagues_are_not_collected(search, tmp_path):
    colleague = "claire@ch.example"
    mail = signed(tmp_path, issuer=ROOT, address=colleague, sender=colleague)
    asyncio.run(search(mail))
    assert list(search.found.every()) == []


def test_a_directory_does_not_take_away_what_a_mail_brought(search, tmp_path, clock):
    asyncio.run(search(signed(tmp_path, issuer=ROOT)))
    [brought] = held(search)
    shelf = Shelf(marie=(HERS,))
    asked(search, shelf, MARIE)
    assert held(search) == {brought, HERS}
    clock.now += FRESH_SECONDS
    shelf.has.clear()
    asked(search, shelf, MARIE)
    assert brought in held(search)


def test_a_full_disk_stops_no_mail(search, tmp_path):
    (tmp_path / "found").write_bytes(b"")  # a file where the folder should be
    asked(search, Shelf(marie=(HERS,)), MARIE)
    assert len(search.log.said("a certificate cannot be kept")) == 1


# How they are kept


def entry(address=MARIE, *known):
    return Entry(address, "mail", 1.0, known or (Known(HERS, pki.READS_GCM, (ROOT.certificate,)),))


def test_what_is_kept_comes_back_in_every_process(tmp_path):
    writer, reader = Found(tmp_path / "f", KEY), Found(tmp_path / "f", KEY)
    assert reader.held(MARIE) == ()
    writer.keep(entry())
    assert reader.entry(MARIE) == entry()
    assert reader.held(MARIE) == entry().known
    assert list(reader.every()) == [(MARIE, entry().known[0])]
    writer.keep(entry(MARIE, Known(NEWER)))
    assert [one.certificate for one in reader.held(MARIE)] == [NEWER]
    assert writer.forget(MARIE)
    assert not writer.forget(MARIE)
    assert reader.held(MARIE) == ()


def test_the_disk_alone_tells_nobody(tmp_path):
    found = Found(tmp_path / "f", KEY)
    found.keep(entry())
    [path] = (tmp_path / "f").iterdir()
    assert "marie" not in path.name
    assert b"marie" not in path.read_bytes()
    assert HERS.public_bytes(pki.Encoding.DER)[200:260] not in path.read_bytes()
    assert Found(tmp_path / "f", bytes(32)).held(MARIE) == ()  # under another key


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_damaged_file_is_no_certificate(tmp_path, place):
    found = Found(tmp_path / "f", KEY)
    found.keep(entry())
    [path] = (tmp_path / "f").iterdir()
    written = bytearray(path.read_bytes())
    written[place] ^= 1
    path.write_bytes(written)
    assert Found(tmp_path / "f", KEY).held(MARIE) == ()


def test_one_file_does_not_stand_for_another(tmp_path):
    found = Found(tmp_path / "f", KEY)
    found.keep(entry())
    [path] = (tmp_path / "f").iterdir()
    found.keep(entry(PAUL, Known(NEWER)))
    [other] = set((tmp_path / "f").iterdir()) - {path}
    other.write_bytes(path.read_bytes())
    assert Found(tmp_path / "f", KEY).held(PAUL) == ()


def test_what_is_told_again_replaces_what_was_told():
    silent, told = Known(HERS), Known(HERS, pki.READS_GCM)
    assert merged((told,), (Known(NEWER), silent)) == (told, Known(NEWER))
    assert merged((silent,), (told,)) == (told,)  # a directory knows nothing of capabilities


def test_without_anchors_nothing_found_is_used(tmp_path):
    found = Found(tmp_path / "f", KEY)
    found.keep(entry())
    (tmp_path / "anchors").mkdir()
    (tmp_path / "anchors" / "a.pem").write_bytes(pki.pem(ROOT.certificate))
    trust = Trust(Anchors(tmp_path / "anchors"), Revocations(None), "off")
    clock = Clock()
    assert Directory(None, clock, found=found).find(MARIE) is None
    assert Directory(None, clock, trust, found).find(MARIE).gcm
