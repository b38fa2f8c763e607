"""Web Key Directory, against a resolver and an HTTPS site on loopback addresses."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme

from gateway.act.https import Site
from gateway.act.names import Names
from gateway.act.wkd import KEY_BYTES, hashed, published
from tests.makers import openpgp as keys
from tests.resolver import Fault, PolicySite, Zone, served

ADDRESS = "Joe.Doe@example.org"  # of the draft's own example
HOST, DIRECT = "openpgpkey.example.org", "example.org"
HASH = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
KEY = bytes(keys.public("joe.doe@example.org"))
AUTHORITY = trustme.CA()
ADVANCED = {(HOST, "A"): ["127.0.0.1"], (DIRECT, "A"): ["127.0.0.1"]}
NO_HOST = {(DIRECT, "A"): ["127.0.0.1"]}


def asked(said, answer, address=ADDRESS, name=HOST):
    """What was found, and what the site was asked."""

    async def run():
        server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        AUTHORITY.issue_cert(name).configure_cert(server)
        AUTHORITY.configure_trust(client)
        zone, site = Zone(said), PolicySite(server, [answer])
        async with zone, site:
            names = Names(["127.0.0.1"], zone.port, nearby=True, seconds=60)
            found = await published(Site(names, client, 60, KEY_BYTES, site.port), address)
        return found, [one.split(b"\r\n")[0].decode() for one in site.requests]

    return asyncio.run(run())


def test_the_hash_of_the_drafts_example():
    assert hashed("Joe.Doe") == HASH


def test_the_advanced_way_comes_first():
    found, [request] = asked(ADVANCED, served(KEY, "application/octet-stream"))
    assert found == KEY
    path = f"/.well-known/openpgpkey/example.org/hu/{HASH}?l=Joe.Doe"
    assert request == f"GET {path} HTTP/1.1"


def test_the_direct_way_where_that_host_does_not_exist():
    found, [request] = asked(NO_HOST, served(KEY), name=DIRECT)
    assert found == KEY
    assert request == f"GET /.well-known/openpgpkey/hu/{HASH}?l=Joe.Doe HTTP/1.1"


@pytest.mark.parametrize(
    "answer",
    [
        served(b"", status="404 Not Found"),
        served(b"<html>not here</html>", "text/html"),
        served(KEY, status="410 Gone"),
    ],
)
def test_no_key_is_an_answer(answer):
    assert asked(ADVANCED, answer)[0] == b""


@pytest.mark.parametrize(
    ("said", "answer", "name"),
    [
        pytest.param(ADVANCED, served(KEY, status="503 Away"), HOST, id="broken"),
        pytest.param(ADVANCED, served(KEY, status="302 Found"), HOST, id="redirected"),
        pytest.param(ADVANCED, served(bytes(KEY_BYTES + 1)), HOST, id="too long"),
        pytest.param(ADVANCED, served(KEY), "other.example.org", id="another's certificate"),
        pytest.param({(HOST, "AAAA"): Fault.SERVFAIL}, served(KEY), HOST, id="no DNS"),
        pytest.param(
            ADVANCED, [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"], HOST, id="packed"
        ),
    ],
)
def test_where_nobody_answers_nothing_is_concluded(said, answer, name):
    assert asked(said, answer, name=name)[0] is None


@pytest.mark.parametrize("address", ["", "nobody", "@example.org", "a@[192.0.2.1]", "a@b c"])
def test_what_is_no_address_is_asked_of_nobody(address):
    assert asked(ADVANCED, served(KEY), address) == (b"", [])


def test_a_local_part_stays_a_value_of_the_question():
    _, [request] = asked(ADVANCED, served(KEY), "a&b=/../ü@example.org")
    assert request.endswith("?l=a%26b%3D%2F..%2F%C3%BC HTTP/1.1")
