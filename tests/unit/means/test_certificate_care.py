"""What the release process does for certificates: revocation, their end, what is past it."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from gateway.act.certificate_path import Anchors
from gateway.act.certificate_use import Known
from gateway.act.certificates import Directory, Trust
from gateway.act.revocation import Revocations
from gateway.act.smime_signature import Signer
from gateway.means.certificate_care import ROUND_SECONDS, WEEK_SECONDS, CertificateCare
from gateway.means.found_certificates import Entry, Found
from gateway.watch.metrics import certificates_expiring
from tests.makers import pki, sealing
from tests.release import OFFICER, Quiet, some_notices
from tests.stores import KINDS, Store, fresh

MARIE, PAUL = "marie@cabinet.example", "paul@cabinet.example"
ROOT = pki.Authority("Racine fictive")


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


class Asked:
    """A fetcher that writes down whose state it is asked for."""

    def __init__(self):
        self.paths = []

    async def __call__(self, paths, now):
        self.paths.append(paths)
        return 1


def a_care(store, folder, *certificates, registry=None, signer=None, fetcher=None, log=None):
    for name in ("anchors", "certificates"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "anchors" / "root.pem").write_bytes(pki.pem(ROOT.certificate))
    for number, one in enumerate(certificates):
        (folder / "certificates" / f"{number}.pem").write_bytes(pki.pem(one))
    trust = Trust(Anchors(folder / "anchors"), Revocations(None), "off")
    found = Found(folder / "found", bytes(32))
    clock = lambda: sealing.RECEIVED  # noqa: E731
    return CertificateCare(
        book=Directory(folder / "certificates", clock, trust, found, signer=signer),
        database=store.database,
        notices=some_notices(),
        sealing=store.public,
        log=log or Quiet(),
        expiring=certificates_expiring(registry),
        warn_days=30,
        fetcher=fetcher,
        found=found,
    )


def hers(days, address=MARIE):
    return ROOT.issue(address, key=sealing.ec_key("hers"), days=days)


def waiting(store):
    async def ask():
        items = await store.outbox.lease(99, 1e12, "test", 0)
        return [item.letter(store.private) for item in items]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("certificates", "count"),
    [
        ([hers((-1, 90))], 0),
        ([hers((-1, 9))], 1),
        ([hers((-1, 9)), hers((-1, 90))], 0),  # it was renewed
        ([hers((-9, -1))], 0),  # past: nobody can be warned any more
        ([hers((-1, 9)), hers((-1, 5), PAUL)], 2),
    ],
)
def test_those_near_their_end_are_counted(store, tmp_path, certificates, count):
    registry = CollectorRegistry()
    asyncio.run(a_care(store, tmp_path, *certificates, registry=registry)(sealing.RECEIVED))
    assert registry.get_sample_value("vaguemestre_certificates_expiring") == count
    assert len(waiting(store)) == min(count, 1)


def test_our_own_signature_counts_too(store, tmp_path):
    registry = CollectorRegistry()
    key = sealing.ec_key("hers")
    signer = Signer(hers((-1, 9)), key)
    asyncio.run(a_care(store, tmp_path, registry=registry, signer=signer)(sealing.RECEIVED))
    assert registry.get_sample_value("vaguemestre_certificates_expiring") == 1


def test_officers_have_one_letter_a_week_from_two_nodes_and_it_names_nobody(store, tmp_path):
    nodes = [a_care(store, tmp_path, hers((-1, 9))) for _ in range(2)]

    async def go():
        for after in (0, ROUND_SECONDS, 86_400.0, WEEK_SECONDS):
            for node in nodes:
                await node(sealing.RECEIVED + after)

    asyncio.run(go())
    first, second = waiting(store)
    assert [one.address for one in first.recipients] == [OFFICER]
    assert first.kind == second.kind == "certificates"
    assert b"marie" not in first.content


def test_revocation_is_asked_for_what_may_be_used_every_few_minutes(store, tmp_path):
    asked, log = Asked(), Quiet()
    used = hers((-1, 90))
    care = a_care(
        store,
        tmp_path,
        used,
        hers((-9, -1)),
        pki.Authority("Inconnue").issue(PAUL, key=sealing.ec_key("his")),
        fetcher=asked,
        log=log,
    )

    async def go():
        for after in (0, 30, ROUND_SECONDS):
            await care(sealing.RECEIVED + after)
            await care.fetching

    asyncio.run(go())
    assert asked.paths == [[(used, ROOT.certificate)]] * 2
    assert len(log.said("revocation unknown")) == 2


def test_what_is_past_its_end_is_forgotten(store, tmp_path):
    care = a_care(store, tmp_path)
    old, new = Known(hers((-9, -1))), Known(hers((-1, 90)))
    care.found.keep(Entry(MARIE, "mail", 1.0, (old,)))
    care.found.keep(Entry(PAUL, "mail", 1.0, (old, new)))
    asyncio.run(care(sealing.RECEIVED))
    assert [entry.address for entry in care.found.entries()] == [PAUL]
