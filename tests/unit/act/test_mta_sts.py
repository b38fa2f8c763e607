"""MTA-STS, against a resolver and an HTTPS site on loopback addresses."""

from __future__ import annotations

import asyncio
import json
import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from gateway.act import mta_sts
from gateway.act.mta_sts import AGAIN_SECONDS, POLICY_BYTES, RENEW_SECONDS, Policies, Policy, parse
from gateway.act.names import Names
from tests.resolver import Fault, PolicySite, Zone, served

X = "x.example"
AUTHORITY = trustme.CA()
TEXT = (
    b"version: STSv1\r\nmode: enforce\r\n"
    b"mx: mx1.x.example\r\nmx: *.in.x.example\r\nmax_age: 600000\r\n"
)
POLICY = Policy("enforce", ("mx1.x.example", "*.in.x.example"), 600_000)


def context(authority=AUTHORITY, name=f"mta-sts.{X}") -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


def trusting() -> ssl.SSLContext:
    made = ssl.create_default_context()
    AUTHORITY.configure_trust(made)
    return made


def announced(*texts: str | Fault, **more) -> dict:
    said = texts[0] if isinstance(texts[0], Fault) else [f'"{text}"' for text in texts]
    return {(f"_mta-sts.{X}", "TXT"): said, (f"mta-sts.{X}", "A"): ["127.0.0.1"], **more}


ANNOUNCED = announced("v=STSv1; id=1;")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def asked(said, answers, *steps, folder=None, server=None):
    """The policy at each step; steps: what happens before it (zone, site, clock) -> None."""

    async def run():
        zone, site, clock = Zone(said), PolicySite(server or context(), list(answers)), Clock()
        async with zone, site:
            names = Names(["127.0.0.1"], zone.port, nearby=True, seconds=60)
            policies = Policies(names, folder, port=site.port, clock=clock)
            found = [await policies.of(X, trusting())]
            for step in steps:
                policies = step(zone, site, clock) or policies
                found.append(await policies.of(X, trusting()))
            return found, site.requests

    return asyncio.run(run())


def test_a_policy_is_fetched_from_the_host_that_the_rfc_names():
    [policy], [request] = asked(ANNOUNCED, [served(TEXT)])
    assert policy == POLICY
    first, *headers = request.decode().lower().split("\r\n")
    assert first == "get /.well-known/mta-sts.txt http/1.1"
    assert "host: mta-sts.x.example" in headers


BIG = served(b"version: STSv1\r\n" + b"mx: a.example\r\n" * POLICY_BYTES)
NO_POLICY = {
    "redirect": [
        b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    ],
    "not found": served(TEXT, status="404 Not Found"),
    "a page": served(TEXT, "text/html"),
    "too large": BIG,
    "endless": [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"x" * 100_000, None],
    "packed": [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n"],
    "no text": served(b"\xff\xfe"),
    "broken off": [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\nve"],
    "no HTTP": [b"220 hello\r\n"],
    "endless header": [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, None],
    "another format": served(TEXT.replace(b"STSv1", b"STSv2")),
    "empty": served(b""),
}


@pytest.mark.parametrize("kind", NO_POLICY)
def test_what_is_no_policy_changes_nothing(kind):
    assert asked(ANNOUNCED, [NO_POLICY[kind]])[0] == [None]

    def renewed(zone, site, clock):
        zone.says = announced("v=STSv1; id=2;")

    (before, after), requests = asked(ANNOUNCED, [served(TEXT), NO_POLICY[kind]], renewed)
    assert before == after == POLICY
    assert len(requests) == 2


@pytest.mark.parametrize(
    "answer",
    [[None], [b"HTTP/1.1 200 OK\r\n", None], [served(TEXT)[0][:-1], None]],
    ids=["silent", "in the header", "in the policy"],
)
def test_a_slow_site_is_not_waited_for(answer, monkeypatch):
    monkeypatch.setattr(mta_sts, "FETCH_SECONDS", 0.3)
    assert asked(ANNOUNCED, [answer])[0] == [None]


@pytest.mark.parametrize(
    "server",
    [context(trustme.CA()), context(name="other.example"), context(name=X)],
    ids=["a stranger's", "for another", "for the domain itself"],
)
def test_the_site_must_prove_who_it_is(server):
    assert asked(ANNOUNCED, [served(TEXT)], server=server) == ([None], [])


@pytest.mark.parametrize(
    "said",
    [
        {(X, "A"): ["127.0.0.1"]},
        announced(Fault.SERVFAIL),
        announced("v=STSv1; id=1;", "v=STSv1; id=2;"),
        announced("v=STSv1; id=;"),
        announced("v=STSv1; id=" + "x" * 33),
        announced("v=STSv1; id=../../etc"),
        announced("v=STSv11; id=1"),
        announced("v=spf1 -all"),
        announced("v=STSv1;"),
    ],
    ids=str,
)
def test_without_one_announcement_nothing_is_fetched(said):
    assert asked(said, [served(TEXT)]) == ([None], [])


@pytest.mark.parametrize(
    "text",
    [
        "v=STSv1; id=1;",
        "v=STSv1;id=1",
        "v=STSv1; id = 1 ; more=x",
        'v=STSv1;" "id=1',
        'v=STSv1; id=1;" "' + "x" * 250,
    ],
)
def test_an_announcement_is_read_as_it_may_be_written(text):
    assert asked(announced(text, "v=spf1 -all"), [served(TEXT)])[0] == [POLICY]


def test_a_huge_announcement_is_not_read_beyond_its_beginning():
    text = '" "'.join(["v=STSv1; id=1;", *["x" * 250] * 200])
    assert asked(announced(text), [served(TEXT)])[0] == [POLICY]


def test_a_policy_is_fetched_once():
    found, requests = asked(ANNOUNCED, [served(TEXT)], lambda *_: None, lambda *_: None)
    assert (found, len(requests)) == ([POLICY] * 3, 1)


def test_a_new_id_brings_the_new_policy():
    def renewed(zone, site, clock):
        zone.says = announced("v=STSv1; id=2;")

    none = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
    found, _ = asked(ANNOUNCED, [served(TEXT), served(none)], renewed)
    assert [policy.mode for policy in found] == ["enforce", "none"]


@pytest.mark.parametrize(
    "gone", [{}, announced(Fault.SERVFAIL), announced("v=STSv1; id=2;", "v=STSv1; id=3")]
)
def test_a_policy_whose_announcement_goes_stays_until_its_age(gone):
    def goes(zone, site, clock):
        zone.says = gone
        clock.now += POLICY.max_age - 1

    def ages(zone, site, clock):
        clock.now += 1

    found, _ = asked(ANNOUNCED, [served(TEXT)], goes, ages)
    assert found == [POLICY, POLICY, None]


def test_a_policy_of_yesterday_is_fetched_anew_and_lives_on():
    def later(zone, site, clock):
        clock.now += RENEW_SECONDS

    steps = [later] * (POLICY.max_age // RENEW_SECONDS + 2)
    found, requests = asked(ANNOUNCED, [served(TEXT)], *steps)
    assert found == [POLICY] * len(found)
    assert len(requests) == len(found)


def test_after_a_failure_it_is_not_tried_again_at_once():
    def soon(zone, site, clock):
        clock.now += AGAIN_SECONDS - 1

    def later(zone, site, clock):
        clock.now += 2

    found, requests = asked(ANNOUNCED, [served(b"")] * 2 + [served(TEXT)], soon, later)
    assert (found, len(requests)) == ([None, None, None], 2)


# on disk


def test_a_policy_outlives_the_process(tmp_path):
    asked(ANNOUNCED, [served(TEXT)], folder=tmp_path / "mta-sts")
    [policy], requests = asked({}, [served(b"")], folder=tmp_path / "mta-sts")
    assert (policy, requests) == (POLICY, [])


@pytest.mark.parametrize(
    "written",
    ["", "{", "[]", "null", '{"id": 1}', '{"id": "1", "fetched": "x", "policy": ""}', "[" * 100_000,
     '{"id": "1", "fetched": 1e6, "policy": null}', '{"id": "1", "fetched": NaN, "policy": "x"}',
     json.dumps({"id": "1", "fetched": 9e15, "policy": TEXT.decode()})],
)  # fmt: skip
def test_what_is_broken_on_disk_is_fetched_anew(written, tmp_path):
    (tmp_path / f"{X}.json").write_text(written)
    assert asked(ANNOUNCED, [served(TEXT)], folder=tmp_path)[0] == [POLICY]
    assert asked({}, [served(b"")], folder=tmp_path)[0] == [POLICY]


def test_a_disk_that_takes_nothing_does_not_matter(tmp_path):
    (tmp_path / "file").touch()
    assert asked(ANNOUNCED, [served(TEXT)], folder=tmp_path / "file")[0] == [POLICY]


# what a policy says


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("mx1.x.example", True),
        ("a.in.x.example", True),
        ("a.b.in.x.example", False),
        ("in.x.example", False),
        (".in.x.example", True),  # never looked up: no host has an empty label
        ("mx1.x.example.evil.example", False),
        ("evil-in.x.example", False),
        ("*.in.x.example", True),
        ("", False),
    ],
)
def test_a_star_is_one_label_and_the_first(host, allowed):
    assert POLICY.allows(host) == allowed


@pytest.mark.parametrize("pattern", ["*", "*.*.example", "mx*.x.example", "x.*.example", "", "*."])
def test_a_star_elsewhere_matches_nothing(pattern):
    policy = Policy("enforce", (pattern,), 1)
    assert not any(map(policy.allows, ("mx1.x.example", "x.example", "example", "a.b.c.example")))


@pytest.mark.parametrize(
    "text",
    [
        "version: STSv1\nmode: enforce\nmx: a\nmax_age: 1",
        "mode:enforce\r\nmax_age:1\r\n\r\nversion:STSv1\r\nno colon\r\nmx:  A. \r\nmode: none",
    ],
)
def test_a_policy_is_read_as_it_may_be_written(text):
    assert parse(text) == Policy("enforce", ("a",), 1)


@pytest.mark.parametrize(
    "text",
    [
        "version: STSv1\nmode: enforce\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a",
        "version: STSv1\nmx: a\nmax_age: 1",
        "version: STSv1\nmode: strict\nmx: a\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a\nmax_age: -1",
        "version: STSv1\nmode: enforce\nmx: a\nmax_age: ١",
        "version: STSv1\nmode: enforce\nmx: a\nmax_age: " + "9" * 5000,
        "version: STSv1\nmode: enforce\nmax_age: 1\n" + "mx: a\n" * 201,
    ],
    ids=lambda text: text[14:60],
)
def test_what_lacks_something_is_no_policy(text):
    assert parse(text) is None


def test_no_policy_lasts_longer_than_a_year():
    kept = parse("version: STSv1\nmode: none\nmax_age: 9999999999")
    assert kept is not None
    assert kept.max_age == 31_557_600


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_none(text):
    parse(text)
