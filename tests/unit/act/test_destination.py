"""Where mail goes that goes by the DNS, and under which TLS: real resolver, real hops, real
handshakes, all on loopback addresses."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
import ssl
from functools import cache

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import relay
from gateway.act.destination import (
    NO_ANSWER,
    NO_DOMAIN,
    NO_MAIL,
    NOT_NAMED,
    OURSELVES,
    Destination,
)
from gateway.act.hop import Hop, Routes
from gateway.act.mta_sts import Policies
from gateway.act.names import Names
from gateway.act.relay import PooledRelay
from gateway.act.smtp_client import NO_TLS, UNREACHABLE
from gateway.model import Envelope, Recipient
from tests.fakes import EXTENSIONS, Deed, NextHop
from tests.resolver import Fault, PolicySite, Zone, served

CONTENT = b"From: s@ours.example\r\n\r\nBonjour\r\n"
X = "x.example"
PATIENCE = 60.0  # seconds, on a machine that many tests share
AUTHORITY, STRANGER = trustme.CA(), trustme.CA()
MX1, MX2 = "mx1.x.example", "mx2.x.example"


@cache
def showing(leaf: trustme.LeafCert, *, with_ca: trustme.CA | None = None) -> ssl.SSLContext:
    """A server that shows this certificate, its authority's after it where one is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    pem += with_ca.cert_pem.bytes() if with_ca else b""
    with trustme.Blob(leaf.private_key_pem.bytes() + pem).tempfile() as path:
        context.load_cert_chain(path)
    return context


def der(blob: trustme.Blob) -> bytes:
    return x509.load_pem_x509_certificate(blob.bytes()).public_bytes(Encoding.DER)


def tlsa(usage: int, selector: int, matching: int, certificate: bytes) -> str:
    shown = certificate
    if selector == 1:
        key = x509.load_der_x509_certificate(certificate).public_key()
        shown = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = {0: bytes, 1: lambda b: hashlib.sha256(b).digest()}.get(
        matching, lambda b: hashlib.sha512(b).digest()
    )
    return f"{usage} {selector} {matching} {digest(shown).hex()}"


GOOD = AUTHORITY.issue_cert(MX1, MX2)
SITE = AUTHORITY.issue_cert(f"mta-sts.{X}")
BY_STRANGER = STRANGER.issue_cert(MX1, MX2)
FOR_ANOTHER = AUTHORITY.issue_cert("other.example")
EXPIRED = AUTHORITY.issue_cert(
    MX1, not_after=datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC),
    not_before=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
)  # fmt: skip


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(path)
    return str(path)


class World:
    """A sender, a resolver, mail exchangers on one port of several loopback addresses, and perhaps
    the site of a policy."""

    def __init__(
        self, zone: Zone, *hops: NextHop, site: PolicySite | None = None, **settings: object
    ) -> None:
        self.zone, self.hops, self.site = zone, hops, site
        self.policies: dict[str, object] = {}
        self.resolver: dict[str, object] = {"nearby": True, "seconds": PATIENCE}
        self.settings = {"mx": True, "host": "", **settings}

    def send(self, *to: str) -> dict[str, tuple[int, str]]:
        return asyncio.run(self._send(to or (f"a@{X}",)))

    async def _send(self, to: tuple[str, ...]) -> dict[str, tuple[int, str]]:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.zone)
            port = 0
            for hop in self.hops:
                hop.port = port
                port = (await stack.enter_async_context(hop)).port
            if self.site:
                await stack.enter_async_context(self.site)
                self.policies["port"] = self.site.port
            names = Names(["127.0.0.1"], self.zone.port, **self.resolver)
            if port:
                self.tlsa_at(port)
            hop = Hop(port=port or 9, **self.settings)
            policies = Policies(names, **self.policies)
            destination = Destination(Routes(hop), "gw.example", names, policies)
            sender = PooledRelay(
                Routes(hop), hostname="gw.example", timeout=PATIENCE, destination=destination
            )
            deadline = asyncio.get_running_loop().time() + 5 * PATIENCE
            envelope = Envelope("s@ours.example", tuple(map(Recipient, to)), ())
            deliveries = await sender.send(envelope, (CONTENT,), deadline=deadline)
            await sender.close()
            return {address: delivery.reply for address, delivery in deliveries.items()}

    def tlsa_at(self, port: int) -> None:
        """Records stand under a port that is not known before."""
        self.zone.says = {
            (name.replace("_25.", f"_{port}."), kind): said
            for (name, kind), said in self.zone.says.items()
        }

    @property
    def taken(self) -> list[tuple[str, bool]]:
        """(address of the hop, over TLS) of each mail."""
        return [(hop.host, mail.tls) for hop in self.hops for mail in hop.taken]


def zone(**more: list[str] | Fault) -> dict[tuple[str, str], list[str] | Fault]:
    """x.example with two exchangers; `MX1_TLSA` and the like replace or add."""
    said: dict[tuple[str, str], list[str] | Fault] = {
        (X, "MX"): ["10 mx1.x.example.", "20 mx2.x.example."],
        (MX1, "A"): ["127.0.0.1"],
        (MX2, "A"): ["127.0.0.2"],
    }
    where = {"X": X, "MX1": MX1, "MX2": MX2, "PORT1": f"_25._tcp.{MX1}", "PORT2": f"_25._tcp.{MX2}",
             "STS": f"_mta-sts.{X}", "SITE": f"mta-sts.{X}"}  # fmt: skip
    for name, value in more.items():
        at, _, kind = name.rpartition("_")
        said[where[at], kind] = value
    return said


# who takes the mail of a domain (RFC 5321, 5.1)


def test_the_exchanger_of_best_preference_is_taken():
    world = World(Zone(zone()), NextHop(), NextHop(host="127.0.0.2"), tls="none")
    assert world.send()[f"a@{X}"].accepted
    assert world.taken == [("127.0.0.1", False)]


def test_where_it_is_down_the_next_one_takes_it():
    world = World(Zone(zone(MX1_A=["127.0.0.9"])), NextHop(), NextHop(host="127.0.0.2"), tls="none")
    assert world.send()[f"a@{X}"].accepted
    assert world.taken == [("127.0.0.2", False)]


@pytest.mark.parametrize("greeting", ["554 5.3.2 no", "421 4.3.2 later"])
def test_an_exchanger_that_does_not_want_us_is_passed_over(greeting):
    refuses = NextHop(says={"greeting": greeting})
    world = World(Zone(zone()), refuses, NextHop(host="127.0.0.2"), tls="none")
    assert world.send()[f"a@{X}"].accepted
    assert world.taken == [("127.0.0.2", False)]


def test_a_domain_without_mx_is_its_own_exchanger():
    world = World(Zone({(X, "A"): ["127.0.0.1"]}), NextHop(), tls="none")
    assert world.send()[f"a@{X}"].accepted


def test_mail_goes_over_ipv6():
    world = World(Zone({(X, "AAAA"): ["::1"]}), NextHop(host="::1"), tls="none")
    assert world.send()[f"a@{X}"].accepted
    assert world.taken == [("::1", False)]


def test_a_host_without_ipv6_service_is_reached_by_ipv4():
    world = World(Zone({(X, "AAAA"): ["::1"], (X, "A"): ["127.0.0.1"]}), NextHop(), tls="none")
    assert world.send()[f"a@{X}"].accepted


def test_each_domain_goes_its_own_way():
    said = {("y.example", "MX"): ["0 mx2.x.example."], **zone()}
    world = World(Zone(said), NextHop(), NextHop(host="127.0.0.2"), tls="none")
    replies = world.send(f"a@{X}", "b@y.example", "c@null.example")
    assert replies[f"a@{X}"].accepted
    assert replies["b@y.example"].accepted
    assert replies["c@null.example"] == NO_DOMAIN
    assert world.taken == [("127.0.0.1", False), ("127.0.0.2", False)]


def test_the_exchangers_of_another_domain_may_be_named():
    world = World(Zone(zone()), NextHop(), tls="none", host=X)
    assert world.send("a@elsewhere.example")["a@elsewhere.example"].accepted


def test_more_domains_than_are_met_at_once_all_get_their_mail(monkeypatch):
    monkeypatch.setattr(relay, "ABROAD", 2)
    monkeypatch.setattr(relay, "DOMAINS", 5)
    domains = [f"d{number}.example" for number in range(20)]
    hop = NextHop()
    world = World(Zone({(domain, "A"): ["127.0.0.1"] for domain in domains}), hop, tls="none")
    replies = world.send(*(f"a@{domain}" for domain in domains))
    assert all(reply.accepted for reply in replies.values())
    assert len(hop.taken) == 20


@pytest.mark.parametrize(
    "address", ["a@bücher.example", "a@BÜCHER.example", "a@xn--bcher-kva.example"]
)
def test_a_domain_in_its_own_letters_is_looked_up_as_the_dns_has_it(address):
    world = World(Zone({("xn--bcher-kva.example", "A"): ["127.0.0.1"]}), NextHop(), tls="none")
    assert world.send(address)[address].accepted


@pytest.mark.parametrize(
    ("said", "reply", "why"),
    [
        ({(X, "MX"): ["0 ."]}, NO_MAIL, "RFC 7505"),
        ({}, NO_DOMAIN, "no such domain"),
        ({(X, "TXT"): ["v=spf1"]}, NO_DOMAIN, "neither exchanger nor address"),
        ({(X, "MX"): Fault.SERVFAIL}, NO_ANSWER, "what a forged signature is, too"),
        ({(X, "MX"): Fault.SILENT}, NO_ANSWER, "a time-out proves nothing"),
        ({(X, "MX"): Fault.NONSENSE}, NO_ANSWER, "nor does nonsense"),
        ({(X, "MX"): Fault.ANOTHER}, NO_ANSWER, "nor the answer to another question"),
        ({(X, "MX"): ["5 gw.example.", "10 mx1.x.example."]}, OURSELVES, "it would come back"),
        ({(X, "MX"): ["5 mx1.x.example."]}, UNREACHABLE, "its exchanger does not exist"),
        ({(X, "MX"): ["5 mx1.x.example."], (MX1, "A"): Fault.SERVFAIL}, NO_ANSWER, "or is unknown"),
        ({(X, "MX"): ["5 127.0.0.1."]}, NO_DOMAIN, "an exchanger is a name"),
    ],
)
def test_where_nobody_takes_it_the_sender_hears_why(said, reply, why):
    world = World(Zone(said), tls="none")
    if isinstance(said.get((X, "MX")), Fault):
        world.resolver["seconds"] = 0.2  # silence is to be heard
    assert world.send()[f"a@{X}"] == reply, why


@pytest.mark.parametrize(
    "address",
    [
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@x..example",
        "a@-",
        "a@" + "x" * 64 + ".example",
        "a@\u200b.example",
    ],
)
def test_what_is_no_domain_has_no_exchanger(address):
    world = World(Zone(zone()), NextHop(), tls="none")
    replies = world.send(address)
    assert not replies[address].accepted
    assert world.taken == []


@pytest.mark.parametrize("kind", ["A", "AAAA"])
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1", "::"],
)
def test_a_stranger_may_not_send_our_mail_to_this_machine(kind, address):
    if (":" in address) != (kind == "AAAA"):
        return
    world = World(
        Zone({(X, "MX"): ["1 mx1.x.example."], (MX1, kind): [address]}), NextHop(), tls="none"
    )
    world.resolver["nearby"] = False
    assert world.send()[f"a@{X}"] == UNREACHABLE
    assert world.taken == []


# DANE (RFC 7672)

LEAF, CA = der(GOOD.cert_chain_pems[0]), der(AUTHORITY.cert_pem)
OTHER = der(BY_STRANGER.cert_chain_pems[0])
SIGNED = frozenset({X})
SENT, HELD_BACK = "sent over TLS", "451"


def one(
    record: list[str] | Fault,
    leaf=GOOD,
    *,
    secure=SIGNED,
    unsigned=frozenset(),
    with_ca=None,
    ca="",
    **settings,
):
    """x.example with one exchanger, that shows `leaf`, and these records for its certificate."""
    said = zone(X_MX=["1 mx1.x.example."], PORT1_TLSA=record)
    hop = NextHop(tls=showing(leaf, with_ca=with_ca))
    return World(Zone(said, secure, unsigned), hop, tls="dane", ca=ca or None, **settings)


def became(world: World) -> str:
    reply = world.send()[f"a@{X}"]
    assert all(tls for _, tls in world.taken), "never in clear"
    assert reply.accepted == bool(world.taken)
    if reply.accepted:
        return SENT
    assert reply.code == 451
    assert reply.enhanced[:4] in ("4.7.", "4.4.")
    return HELD_BACK


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
@pytest.mark.parametrize("usage", [2, 3])
def test_each_form_of_record_vouches_for_its_certificate(usage, selector, matching):
    record = tlsa(usage, selector, matching, LEAF if usage == 3 else CA)
    assert became(one([record], with_ca=AUTHORITY)) == SENT


@pytest.mark.parametrize(
    ("record", "leaf", "becomes", "why"),
    [
        (tlsa(3, 1, 1, OTHER), GOOD, HELD_BACK, "another key"),
        (tlsa(3, 0, 2, OTHER), GOOD, HELD_BACK, "another certificate"),
        (tlsa(2, 0, 1, der(STRANGER.cert_pem)), GOOD, HELD_BACK, "another authority"),
        (tlsa(2, 0, 1, CA), FOR_ANOTHER, HELD_BACK, "usage 2 asks for the name"),
        (tlsa(2, 0, 1, CA), EXPIRED, HELD_BACK, "and for the dates"),
        (tlsa(2, 0, 0, CA), BY_STRANGER, HELD_BACK, "an authority that did not sign it"),
        (tlsa(3, 1, 1, der(EXPIRED.cert_chain_pems[0])), EXPIRED, SENT, "usage 3: RFC 7672, 3.1.1"),
        (tlsa(3, 1, 1, der(FOR_ANOTHER.cert_chain_pems[0])), FOR_ANOTHER, SENT, "nor the name"),
        (tlsa(3, 1, 1, OTHER), BY_STRANGER, SENT, "nor a public authority"),
        ("2 0 0 30820001", GOOD, HELD_BACK, "no certificate at all"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_what_the_record_says_is_asked_for_and_nothing_else(record, leaf, becomes, why):
    assert became(one([record], leaf, with_ca=AUTHORITY)) == becomes, why


def test_one_record_of_several_is_enough():
    assert became(one([tlsa(3, 1, 1, OTHER), tlsa(3, 1, 1, LEAF), "1 9 9 00"])) == SENT


UNUSABLE = [
    tlsa(1, 1, 1, OTHER),
    tlsa(0, 0, 1, OTHER),
    tlsa(7, 1, 1, LEAF),
    f"3 2 1 {'00' * 32}",
    "3 1 3 00",
]


@pytest.mark.parametrize(
    ("floor", "leaf", "becomes"),
    [
        ("verified", GOOD, SENT),
        ("verified", BY_STRANGER, HELD_BACK),
        ("required", BY_STRANGER, SENT),
        ("opportunistic", BY_STRANGER, SENT),
    ],
)
def test_records_that_nobody_can_use_still_ask_for_tls(floor, leaf, becomes, ca):
    assert became(one(UNUSABLE, leaf, floor=floor, ca=ca)) == becomes


@pytest.mark.parametrize("floor", ["opportunistic", "required", "verified"])
def test_and_never_go_in_clear(floor):
    world = World(Zone(zone(PORT1_TLSA=UNUSABLE), SIGNED), NextHop(), tls="dane", floor=floor)
    assert world.send()[f"a@{X}"] == NO_TLS
    assert world.taken == []


@pytest.mark.parametrize("fault", list(Fault))
def test_records_that_cannot_be_had_rule_the_host_out(fault, ca):
    world = one(fault, floor="opportunistic", ca=ca)
    world.resolver["seconds"] = 0.2
    assert became(world) == HELD_BACK, "silence is what an attacker can arrange"


def test_then_another_host_may_take_it(ca):
    said = zone(PORT1_TLSA=Fault.SERVFAIL, PORT2_TLSA=[tlsa(3, 1, 1, LEAF)])
    hops = NextHop(tls=showing(GOOD)), NextHop(tls=showing(GOOD), host="127.0.0.2")
    world = World(Zone(said, SIGNED), *hops, tls="dane", ca=ca)
    assert became(world) == SENT
    assert world.taken == [("127.0.0.2", True)]


WITHOUT_PROOF = {
    "none published": {"record": [], "secure": SIGNED},
    "published without a signature": {"record": [tlsa(3, 1, 1, OTHER)], "secure": frozenset()},
    "the records alone are signed": {
        "record": [tlsa(3, 1, 1, OTHER)],
        "secure": frozenset({f"_tcp.{MX1}"}),
    },
    "the records alone are not": {
        "record": [tlsa(3, 1, 1, OTHER)],
        "unsigned": frozenset({f"_tcp.{MX1}"}),
    },
    "the exchangers are not": {
        "record": [tlsa(3, 1, 1, OTHER)],
        "secure": frozenset({MX1}),
    },
}


@pytest.mark.parametrize("case", WITHOUT_PROOF)
@pytest.mark.parametrize(
    ("floor", "leaf", "becomes"),
    [
        ("verified", GOOD, SENT),
        ("verified", BY_STRANGER, HELD_BACK),
        ("required", BY_STRANGER, SENT),
    ],
)
def test_without_proof_the_floor_holds(case, floor, leaf, becomes, ca):
    assert became(one(leaf=leaf, floor=floor, ca=ca, **WITHOUT_PROOF[case])) == becomes


def test_a_signature_counts_only_from_a_trusted_resolver(ca):
    world = one([tlsa(3, 1, 1, LEAF)], FOR_ANOTHER, ca=ca)
    world.resolver["trusted"] = False
    assert became(world) == HELD_BACK
    assert not any(kind == "TLSA" for _, kind in world.zone.asked), "nor is it asked for one"


def test_records_stand_under_the_name_that_an_alias_leads_to():
    said = {
        (X, "MX"): ["1 mail.x.example."],
        ("mail.x.example", "CNAME"): [f"{MX1}."],
        (MX1, "A"): ["127.0.0.1"],
        (f"_25._tcp.{MX1}", "TLSA"): [tlsa(2, 0, 1, CA)],
    }
    hop = NextHop(tls=showing(GOOD, with_ca=AUTHORITY))
    assert became(World(Zone(said, SIGNED), hop, tls="dane")) == SENT


def test_a_host_that_is_named_has_records_of_its_own():
    world = one([tlsa(3, 1, 1, LEAF)], mx=False, host=MX1)
    assert became(world) == SENT
    assert became(one([tlsa(3, 1, 1, OTHER)], mx=False, host=MX1)) == HELD_BACK


# MTA-STS (RFC 8461)


def sts(
    mode: str, *mx: str, leaf=GOOD, ca="", secure=frozenset(), tls=True, floor="verified", **more
):
    lines = [f"version: STSv1\r\nmode: {mode}\r\nmax_age: 86400\r\n", *(f"mx: {m}\r\n" for m in mx)]
    site = PolicySite(showing(SITE), [served("".join(lines).encode())])
    said = zone(
        X_MX=["1 mx1.x.example."], STS_TXT=['"v=STSv1; id=1;"'], SITE_A=["127.0.0.1"], **more
    )
    hop = NextHop(tls=showing(leaf) if tls else None)
    return World(Zone(said, secure), hop, site=site, tls="mta-sts", ca=ca, floor=floor)


@pytest.mark.parametrize(
    ("mode", "pattern", "leaf", "becomes", "why"),
    [
        ("enforce", MX1, GOOD, SENT, "named and verified"),
        ("enforce", "*.x.example", GOOD, SENT, "named by a star"),
        ("enforce", "*.example", GOOD, HELD_BACK, "a star is one label"),
        ("enforce", "mx9.x.example", GOOD, HELD_BACK, "not named"),
        ("enforce", MX1, BY_STRANGER, HELD_BACK, "not verified"),
        ("enforce", MX1, FOR_ANOTHER, HELD_BACK, "not its name"),
        ("enforce", MX1, EXPIRED, HELD_BACK, "expired"),
        ("testing", "mx9.x.example", BY_STRANGER, SENT, "to be reported, not enforced"),
        ("none", MX1, BY_STRANGER, SENT, "withdrawn"),
    ],
)
def test_a_policy_to_enforce_is_kept_to_whatever_the_floor(mode, pattern, leaf, becomes, why, ca):
    assert became(sts(mode, pattern, leaf=leaf, ca=ca, floor="required")) == becomes, why


@pytest.mark.parametrize("floor", ["opportunistic", "required", "verified"])
def test_under_a_policy_to_enforce_nothing_goes_in_clear(floor, ca):
    world = sts("enforce", MX1, tls=False, floor=floor, ca=ca)
    assert world.send()[f"a@{X}"] == NO_TLS
    assert world.taken == []


def test_hosts_that_the_policy_does_not_name_are_not_even_met(ca):
    world = sts("enforce", "mx9.x.example", ca=ca)
    assert world.send()[f"a@{X}"] == NOT_NAMED
    assert world.hops[0].connections == 0


def test_the_next_host_is_taken_where_the_policy_names_it(ca):
    world = sts(
        "enforce",
        MX2,
        ca=ca,
    )
    world.zone.says[X, "MX"] = ["1 mx1.x.example.", "2 mx2.x.example."]
    world.hops = (*world.hops, NextHop(tls=showing(GOOD), host="127.0.0.2"))
    assert became(world) == SENT
    assert world.taken == [("127.0.0.2", True)]


def test_a_mail_server_is_not_offered_the_protocol_in_which_policies_are_fetched(ca):
    """Exim, for one, breaks off where ALPN names another protocol than its own."""
    chosen = []

    class Watched(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            chosen.append(self.selected_alpn_protocol())

    world = sts("enforce", MX1, ca=ca)
    world.hops[0].tls.set_alpn_protocols(["http/1.1"])
    world.hops[0].tls.sslobject_class = Watched
    assert became(world) == SENT
    assert chosen == [None]


def test_where_dane_is_proven_as_well_it_decides(ca):
    """RFC 8461, 2: a policy must not override a failure of DANE."""
    assert (
        became(sts("enforce", MX1, ca=ca, secure=SIGNED, PORT1_TLSA=[tlsa(3, 1, 1, OTHER)]))
        == HELD_BACK
    )
    assert (
        became(sts("enforce", MX1, ca=ca, secure=SIGNED, PORT1_TLSA=[tlsa(3, 1, 1, LEAF)])) == SENT
    )


# whatever happens


ANSWERS = st.one_of(
    st.sampled_from(list(Fault)),
    st.just([]),
    st.just(None),
)
RECORDS = st.one_of(
    ANSWERS,
    st.lists(
        st.sampled_from(
            [tlsa(3, 1, 1, LEAF), tlsa(3, 1, 1, OTHER), tlsa(2, 0, 0, CA), "1 1 3 00", "9 9 9 ff"]
        ),
        min_size=1,
        max_size=3,
        unique=True,
    ),
)
HOPS = {
    "good": lambda: NextHop(tls=showing(GOOD)),
    "stranger": lambda: NextHop(tls=showing(BY_STRANGER)),
    "expired": lambda: NextHop(tls=showing(EXPIRED)),
    "stripped": lambda: NextHop(),
    "refuses": lambda: NextHop(tls=showing(GOOD), says={"STARTTLS": "454 4.7.0 no"}),
    "closes": lambda: NextHop(tls=showing(GOOD), says={"STARTTLS": Deed.CLOSE}),
    "injects": lambda: NextHop(tls=showing(GOOD), says={"STARTTLS": b"220 go\r\n250 x\r\n"}),
    "pretends": lambda: NextHop(
        says={"STARTTLS": b"220 go\r\n"}, extensions=(*EXTENSIONS, "STARTTLS")
    ),
    "clear at once": lambda: NextHop(says={"EHLO": "250-x\r\n250 STARTTLS", "STARTTLS": "250 Ok"}),
}


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["dane", "mta-sts"]),
    st.sampled_from(["required", "verified"]),
    st.sampled_from(sorted(HOPS)),
    RECORDS,
    st.sampled_from([frozenset(), SIGNED, frozenset({f"_tcp.{MX1}"}), frozenset({MX1})]),
    st.one_of(ANSWERS, st.just(['"v=STSv1; id=1;"'])),
    st.sampled_from(["enforce", "testing", "none", "nonsense"]),
    st.booleans(),
)
def test_whatever_resolver_and_hop_say_no_command_but_ehlo_and_starttls_goes_in_clear(
    ca, level, floor, kind, records, secure, announcement, mode, trusted
):
    more = {"PORT1_TLSA": records} if records is not None else {}
    world = sts(mode, MX1, ca=ca, secure=secure, floor=floor, **more)
    if announcement is not None:
        world.zone.says[f"_mta-sts.{X}", "TXT"] = announcement
    world.hops, world.settings["tls"] = (HOPS[kind](),), level
    world.resolver |= {"trusted": trusted, "seconds": 0.05}
    reply = world.send()[f"a@{X}"]
    [hop] = world.hops
    clear = [said for said, secured in zip(hop.commands, hop.over_tls, strict=True) if not secured]
    assert {said.split()[0] for said in clear} <= {"EHLO", "STARTTLS"}
    assert all(mail.tls for mail in hop.taken)
    assert reply.accepted == bool(hop.taken)
    assert reply.code in (250, 451)
