"""What lists and answers tell of a certificate, and how they are fetched."""

import asyncio
import datetime
import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.act import revocation
from gateway.act.revocation import State, by_answer, by_list, load_list
from gateway.act.revocation_fetch import Fetcher
from tests.makers import pki, sealing

GOOD, REVOKED, UNKNOWN = State.GOOD, State.REVOKED, State.UNKNOWN
URL = "http://crl.autorite.example/1.crl"
ISSUER = pki.Authority("Autorité à liste", crl=URL)
STRANGER = pki.Authority("Autorité inconnue")
HERS, OTHER = ISSUER.issue("marie@cabinet.example"), ISSUER.issue("paul@cabinet.example")


PART = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "2")])


def scope(**changes):
    usual = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**usual | changes)


def at(url):
    return scope(full_name=[x509.UniformResourceIdentifier(url)])


@pytest.mark.parametrize(
    ("written", "state", "why"),
    [
        (ISSUER.revoking(OTHER), GOOD, "somebody else's"),
        (ISSUER.revoking(HERS), REVOKED, "hers"),
        (ISSUER.revoking(OTHER, days=(-9, -1)), UNKNOWN, "of last week"),
        (ISSUER.revoking(HERS, days=(-9, -1)), REVOKED, "revoked last week is revoked"),
        (ISSUER.revoking(OTHER, days=(1, 9)), UNKNOWN, "of tomorrow"),
        (STRANGER.revoking(HERS), UNKNOWN, "of another authority"),
        (ISSUER.revoking(HERS, key=STRANGER.key), UNKNOWN, "signed by another"),
        (ISSUER.revoking(scope=scope(only_contains_user_certs=True)), GOOD, "of persons"),
        (ISSUER.revoking(scope=scope(only_contains_ca_certs=True)), UNKNOWN, "of authorities"),
        (ISSUER.revoking(scope=scope(indirect_crl=True)), UNKNOWN, "indirect"),
        (ISSUER.revoking(scope=at("ldap://annuaire.example/cn=2")), UNKNOWN, "of another part"),
        (
            ISSUER.revoking(scope=scope(relative_name=PART)),
            UNKNOWN,
            "of a part that is named otherwise",
        ),
        (
            ISSUER.revoking(
                scope=scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}))
            ),
            UNKNOWN,
            "for one reason alone",
        ),
        (ISSUER.revoking(scope=at(URL)), GOOD, "her part of several"),
        (ISSUER.revoking(scope=at("http://x.example/2.crl")), UNKNOWN, "another part"),
        (ISSUER.revoking(delta=True), UNKNOWN, "what changed since another"),
        (ISSUER.revoking(HERS, delta=True), REVOKED, "and she since then"),
        (b"", UNKNOWN, "nothing"),
        (b"<html>404</html>", UNKNOWN, "a page"),
        (ISSUER.revoking()[:-9], UNKNOWN, "cut short"),
    ],
)
def test_what_a_list_tells(written, state, why):
    listed = load_list(written)
    if listed is None:  # not "if listed": a list without anybody is false
        assert state is UNKNOWN, why
    else:
        assert by_list(listed, HERS, ISSUER.certificate, pki.NOW) is state, why


def delegate(authority=ISSUER, extended=ExtendedKeyUsageOID.OCSP_SIGNING, days=(-10, 10)):
    key = sealing.ec_key("responder")
    signing = {"digital_signature": True}
    return authority.issue(
        "x@x.example", key=key, extended=extended, days=days, allowed=signing
    ), key


IS_REVOKED = ocsp.OCSPCertStatus.REVOKED


@pytest.mark.parametrize(
    ("written", "state", "why"),
    [
        (ISSUER.answering(HERS), GOOD, "good"),
        (ISSUER.answering(HERS, IS_REVOKED), REVOKED, "revoked"),
        (ISSUER.answering(HERS, ocsp.OCSPCertStatus.UNKNOWN), UNKNOWN, "does not know her"),
        (ISSUER.answering(OTHER), UNKNOWN, "about somebody else"),
        (ISSUER.answering(HERS, days=(-9, -1)), UNKNOWN, "of last week"),
        (ISSUER.answering(HERS, IS_REVOKED, days=(-9, -1)), REVOKED, "revoked last week"),
        (ISSUER.answering(HERS, days=(-0.5, None)), GOOD, "without an end, of this morning"),
        (ISSUER.answering(HERS, days=(-3, None)), UNKNOWN, "without an end, of three days ago"),
        (ISSUER.answering(HERS, by=delegate()), GOOD, "by whom it charged"),
        (
            ISSUER.answering(HERS, by=delegate(extended=ExtendedKeyUsageOID.EMAIL_PROTECTION)),
            UNKNOWN,
            "by one of its mail certificates",
        ),
        (ISSUER.answering(HERS, by=delegate(STRANGER)), UNKNOWN, "by whom another charged"),
        (ISSUER.answering(HERS, by=delegate(days=(-9, -1))), UNKNOWN, "no longer charged"),
        (STRANGER.answering(HERS, issuer=ISSUER.certificate), UNKNOWN, "signed by another"),
        (STRANGER.answering(HERS), UNKNOWN, "of another issuer"),
        (b"\x30\x03\x0a\x01\x06", UNKNOWN, "unauthorized"),
        (b"", UNKNOWN, "nothing"),
    ],
)
def test_what_an_answer_tells(written, state, why):
    assert by_answer(written, HERS, ISSUER.certificate, pki.NOW) is state, why


@pytest.fixture
def site():
    """pages: what is served at a path; asked: the paths that were asked for, in order. silent: it
    closes each connection without a word. encoding: what it says of its pages."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            body = self.server.pages.get(self.path)
            if self.server.silent:
                return
            self.send_response(200 if body else 404)
            if self.server.encoding:
                self.send_header("Content-Encoding", self.server.encoding)
            self.end_headers()
            self.wfile.write(body or b"")

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.pages, server.asked = {}, []
    server.silent, server.encoding = False, ""
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def authority(site):
    made = pki.Authority(
        "Autorité joignable", crl=f"{site.url}/1.crl", responder=f"{site.url}/ocsp"
    )
    return made, made.issue("marie@cabinet.example")


def fetched(fetcher, made, hers, now=pki.NOW):
    failed = asyncio.run(fetcher([(hers, made.certificate)], now))
    state = revocation.Revocations(fetcher.folder).of(hers, made.certificate, now)
    return failed, state


def test_a_list_is_fetched_once_and_serves(site, tmp_path):
    made, hers = authority(site)
    fetcher = Fetcher(tmp_path / "kept")
    site.pages["/1.crl"] = made.revoking()
    assert fetched(fetcher, made, hers) == (0, GOOD)
    assert fetched(fetcher, made, hers) == (0, GOOD)
    assert site.asked == ["/1.crl"]
    site.pages["/1.crl"] = made.revoking(hers)
    assert fetched(fetcher, made, hers, pki.NOW + datetime.timedelta(hours=7)) == (0, REVOKED)


def test_where_no_list_is_to_be_had_the_responder_is_asked(site, tmp_path):
    made, hers = authority(site)
    site.pages["/ocsp"] = made.answering(hers)
    assert fetched(Fetcher(tmp_path / "kept"), made, hers) == (0, GOOD)
    assert site.asked == ["/1.crl", "/ocsp"]


@pytest.mark.parametrize("page", [None, b"<html>Bonjour</html>", STRANGER.revoking()])
def test_what_is_no_list_of_hers_is_not_kept_and_asked_for_again_later(site, tmp_path, page):
    made, hers = authority(site)
    site.pages["/1.crl"] = page
    fetcher = Fetcher(tmp_path / "kept")
    assert fetched(fetcher, made, hers) == (1, UNKNOWN)
    assert fetched(fetcher, made, hers) == (1, UNKNOWN)
    assert site.asked == ["/1.crl", "/ocsp"]  # not at each round
    site.pages["/1.crl"] = made.revoking()
    assert fetched(fetcher, made, hers, pki.NOW + datetime.timedelta(hours=1)) == (0, GOOD)


def test_a_list_outlives_the_site_that_it_came_from(site, tmp_path):
    made, hers = authority(site)
    fetcher = Fetcher(tmp_path / "kept")
    site.pages["/1.crl"] = made.revoking()
    fetched(fetcher, made, hers)
    site.pages.clear()
    later = pki.NOW + datetime.timedelta(days=2)
    assert fetched(fetcher, made, hers, later) == (1, GOOD)
    assert fetched(fetcher, made, hers, pki.NOW + datetime.timedelta(days=9)) == (1, UNKNOWN)


def test_a_silent_site_is_asked_once_for_all_its_certificates(site, tmp_path):
    made = pki.Authority("Autorité muette", responder=f"{site.url}/ocsp")
    hers, his = made.issue("marie@cabinet.example"), made.issue("paul@cabinet.example")
    fetcher = Fetcher(tmp_path / "kept")
    paths = [(one, made.certificate) for one in (hers, his)]
    site.silent = True
    assert asyncio.run(fetcher(paths, pki.NOW)) == 2
    assert site.asked == ["/ocsp"]
    site.silent = False
    site.pages["/ocsp"] = made.answering(hers)
    assert fetched(fetcher, made, hers, pki.NOW + datetime.timedelta(hours=1)) == (0, GOOD)


def test_what_comes_packed_is_not_unpacked(site, tmp_path):
    """A piece of 64 KB may hold 64 MB."""
    made, hers = authority(site)
    site.pages["/1.crl"], site.encoding = gzip.compress(made.revoking()), "gzip"
    assert fetched(Fetcher(tmp_path / "kept"), made, hers) == (1, UNKNOWN)
