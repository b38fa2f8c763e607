"""Whatever is configured, known, expired, revoked or gone: whoever is to get a mail encrypted gets
it so, once, or what his rule says otherwise; and no clear byte of it reaches the next hop."""

from __future__ import annotations

import asyncio
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act.certificates import Directory
from gateway.act.encrypt import Channels, Encrypt
from gateway.act.notice import Notices
from gateway.act.openpgp_keys import Keyring
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.decide.rules import parse_rules
from gateway.model import Disposition
from tests.drawing import bare
from tests.makers import openpgp as keys
from tests.makers import sealing
from tests.unit.act.test_encrypt import traces
from tests.unit.act.test_portal import TERMS, Desk
from tests.unit.test_flow import House

OURS, HERS = "ch.example", "helene@ch.example"
METHODS = ("smime", "openpgp", "zip", "pdf", "portal")
# What each has: a certificate, a key; + in force, - not.
PEOPLE = {
    "certain@cabinet.example": ("+", ""),
    "keyed@cabinet.example": ("", "+"),
    "both@cabinet.example": ("+", "+"),
    "stale@cabinet.example": ("-", "-"),
    "revoked@cabinet.example": ("-", "revoked"),
    "asks-zip@cabinet.example": ("", ""),
    "nothing@cabinet.example": ("", ""),
    "colleague@ch.example": ("+", "+"),
}
CANARY = "confidentialword"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Of certificates, and of keys."""
    certificates, ring = (tmp_path_factory.mktemp(name) for name in ("certificates", "keys"))
    key = sealing.rsa_key("everybody's")
    for address, (certain, keyed) in PEOPLE.items():
        if certain:
            days = (-10, 10 if certain == "+" else -1)
            made = sealing.certificate(address, key, days=days)
            (certificates / f"{address}.pem").write_bytes(made)
        if keyed:
            make = {"+": keys.public, "-": keys.expired, "revoked": keys.revoked}[keyed]
            (ring / f"{address}.asc").write_bytes(bytes(make(address)))
    (certificates / "broken.pem").write_bytes(b"-----BEGIN")
    (ring / "broken.asc").write_bytes(b"-----BEGIN")
    return certificates, ring


class Fading:
    """Keys that are gone once they were asked for so many times; signing is left out."""

    def __init__(self, ring, times):
        self.ring, self.left = ring, times

    def find(self, address):
        self.left -= 1
        return self.ring.find(address) if self.left >= 0 else None

    def signer(self):
        return None


CHAINS = st.lists(st.sampled_from(METHODS), unique=True).map(tuple)
CONFIGURATIONS = st.fixed_dictionaries(
    {
        "chain": CHAINS,
        "special": st.dictionaries(st.sampled_from(list(PEOPLE)), CHAINS, max_size=2),
        "pdf": st.booleans(),
        "portal": st.booleans(),
        "certificates": st.sampled_from(["there", "none", "away"]),
        "keys": st.sampled_from(["there", "none", "away"]),
        "times": st.one_of(st.just(1000), st.integers(0, 12)),
        "otherwise": st.sampled_from(["quarantine", "reject"]),
        "together": st.booleans(),
    }
)


def channels_of(told, folders):
    certificates, ring = (
        {"there": folder, "none": None, "away": folder / "away"}[told[which]]
        for folder, which in zip(folders, ("certificates", "keys"), strict=True)
    )
    later = time.time() + 2 * keys.DAY  # when the stale ones have expired
    return Channels(
        certificates=Directory(certificates, clock=lambda: sealing.RECEIVED),
        pdf=told["pdf"],
        ours=lambda address: address.endswith(f"@{OURS}"),
        examine=lambda head: False,
        keys=Fading(Keyring(ring, clock=lambda: later), told["times"]),
        zips=lambda address: address.startswith("asks-zip"),
        portal=TERMS if told["portal"] else None,
        chain=told["chain"],
        chain_for=told["special"].get,
    )


def rule(told):
    together = "true" if told["together"] else "false"
    text = (
        "id: a\ntitle: A\nwhen: {recipient: external}\nthen: encrypt\n"
        f"otherwise: {told['otherwise']}\ntogether: {together}\n"
    )
    rules, complaints = parse_rules({"a.yaml": text}, kinds=())
    assert not complaints
    return rules


class Fate:
    """A house whose encryption and judge are real. sent: by address, how often."""

    def __init__(self, told, folders, mail):
        self.relay, house = sealing.Diary(), House()
        ways = channels_of(told, folders)
        letter = Notices(ours=ways.means.ours, sender=f"quarantaine@{OURS}").pdf_secret
        house.actions[Disposition.ENCRYPT] = Encrypt(
            ways,
            self.relay,
            self.relay,
            lambda message, domain, original: message,
            letter,
            pickup=Desk(self.relay),
            draw=bare,
        )
        house.decide = Judge(rule(told), Places(domains=(OURS,)), ways.fits).decide
        self.replies = asyncio.run(house.flow.process(mail))
        self.sent = [address for entry in self.relay.sent for address in entry[1].addresses]
        self.orders = {
            order: [
                address
                for line in house.diary
                if line.startswith(f"{order} ")
                for address in line.partition(" ")[2].split(",")
            ]
            for order in ("pass", "quarantine", "reject")
        }

    def seen_outside(self):
        letters = [one for entry in self.relay.posted for one in entry[1]]
        yield from (entry[2] for entry in self.relay.sent)
        yield from (letter.content for letter in letters)


@settings(max_examples=100, deadline=None)
@given(
    told=CONFIGURATIONS,
    to=st.lists(st.sampled_from(list(PEOPLE)), min_size=1, max_size=5, unique=True),
    named=st.integers(0, 5),
    seed=st.integers(0, 2**32),
)
def test_encrypted_once_or_otherwise_and_never_in_clear(folders, told, to, named, seed):
    payload = random.Random(seed).randbytes(60)  # drawn bytes might repeat a text of ours
    fields = ("To: " + ", ".join(to[:named] or [HERS]), f"Subject: {CANARY}")
    text = f"{CANARY}\r\n{payload.hex()}\r\n"
    content = sealing.message(*fields, text=text, files=((f"{CANARY}.bin", payload),))
    fate = Fate(told, folders, sealing.mail(content, to=tuple(to)))

    outside = b"".join(fate.seen_outside())
    joined = outside.replace(b"\r\n", b"")  # base64 may be cut anywhere
    for word in (CANARY.encode(), payload.hex().encode(), payload):
        assert not any(trace in outside or trace in joined for trace in traces(word))

    assert sorted(fate.replies) == sorted(to)
    for address in to:
        copies = fate.sent.count(address)
        others = [order for order, names in fate.orders.items() if address in names]
        if fate.replies[address].temporary:
            assert (copies, others) == (0, [])
        elif address.endswith(f"@{OURS}"):
            assert (copies, others) in [(0, ["pass"]), (0, [told["otherwise"]])]
        else:
            assert (copies, others) in [(1, []), (0, [told["otherwise"]])]
    if told["together"] and fate.orders[told["otherwise"]]:
        assert fate.sent == []
        assert fate.orders["pass"] == []


def test_everything_happens(folders):
    """Or the property above proves little."""
    told = {
        "chain": METHODS,
        "special": {},
        "pdf": True,
        "portal": True,
        "certificates": "there",
        "keys": "there",
        "times": 1000,
        "otherwise": "quarantine",
        "together": False,
    }
    mail = sealing.mail(to=tuple(PEOPLE))
    fate = Fate(told, folders, mail)
    assert sorted(fate.sent) == sorted(a for a in PEOPLE if not a.endswith(OURS))
    kinds = [content.count(b"multipart/encrypted") for _, _, content, _ in fate.relay.sent]
    assert sum(kinds) == 1
    linked = Fate(told | {"pdf": False}, folders, mail)
    parcels = [sent for sent in linked.relay.sent if b"multipart/alternative" in sent[2]]
    assert len(parcels) == 3
    told |= {"portal": False}
    none = Fate(told | {"pdf": False, "keys": "away"}, folders, mail)
    without = {"keyed", "stale", "revoked", "nothing"}
    assert set(none.orders["quarantine"]) == {f"{name}@cabinet.example" for name in without}
    bound = Fate(told | {"pdf": False, "together": True}, folders, mail)
    assert sorted(bound.orders["quarantine"]) == sorted(PEOPLE)
