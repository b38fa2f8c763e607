"""The public directory of health professionals, as one that answers."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import trustme

from gateway.act.health_directory import KEPT_SECONDS, HealthDirectory, Mailbox, mailboxes
from gateway.errors import Temporary

NOW = 1_800_000_000.0
AUTHORITY = trustme.CA()
METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox"


def inside(address):
    return address.endswith(".mssante.fr")


def mailbox(address, *, public=True):
    shown = {"url": "publication", "valueBoolean": public}
    return {
        "system": "email",
        "value": address,
        "extension": [{"url": METADATA, "extension": [shown]}],
    }


def bundle(*resources):
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "entry": entries}).encode()


MARIE = {
    "resourceType": "Practitioner",
    "name": [{"family": "TEST-UN", "given": ["Marie"]}],
    "telecom": [mailbox("Marie.Test@medecin.mssante.fr"), mailbox("marie@gmail.example")],
}
CLINIC = {
    "resourceType": "Organization",
    "name": "Clinique\r\nfictive",
    "telecom": [mailbox("accueil@clinique.mssante.fr")],
}


def found(answer):
    return [(one.address, one.whose) for one in mailboxes(answer, inside)]


def test_mailboxes_of_the_space_are_told_with_whose_they_are():
    assert found(bundle(MARIE, CLINIC, MARIE)) == [
        ("marie.test@medecin.mssante.fr", "Marie TEST-UN"),
        ("accueil@clinique.mssante.fr", "Clinique fictive"),
    ]


def test_those_on_the_red_list_are_not():
    hidden = MARIE | {"telecom": [mailbox("m@medecin.mssante.fr", public=False)]}
    assert found(bundle(hidden)) == []


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"[]", b"{}", b'{"resourceType": "OperationOutcome"}', b"[" * 99_999]
)
def test_what_is_no_answer_is_told(answer):
    with pytest.raises(Temporary):
        found(answer)


@pytest.mark.parametrize(
    "resource", ["x", None, {"telecom": "x"}, {"telecom": [{"value": 1}]}, {"name": 3}]
)
def test_what_is_not_as_it_should_be_is_left_out(resource):
    assert found(bundle(resource, CLINIC))[0][0] == "accueil@clinique.mssante.fr"


@contextmanager
def site(body: bytes, status: int = 200):
    """What it was asked, and where it is."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["ESANTE-API-KEY"]))
            self.send_response(status)
            self.send_header("Location", "https://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield asked, f"https://127.0.0.1:{server.server_port}/fhir/v2"
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


def a_directory(url, tmp_path, clock=lambda: NOW):
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    return HealthDirectory(url, "CLE", trusting, 60, tmp_path / "cache", inside, clock)


def test_it_is_asked_once_a_day_with_the_key(tmp_path):
    question = ("Practitioner", {"name": "Test Un"})
    now = time.time()
    with site(bundle(MARIE)) as (asked, url):
        for later in (0, 0, KEPT_SECONDS + 60):
            directory = a_directory(url, tmp_path, lambda later=later: now + later)
            assert directory.ask(*question) == (
                Mailbox("marie.test@medecin.mssante.fr", "Marie TEST-UN"),
            )
    assert asked == [("/fhir/v2/Practitioner?name=Test+Un", "CLE")] * 2


@pytest.mark.parametrize("status", [302, 401, 500])
def test_any_other_answer_is_told_and_not_kept(tmp_path, status):
    with site(b"", status) as (asked, url):
        for _ in range(2):
            with pytest.raises(Temporary, match=str(status)):
                a_directory(url, tmp_path).ask("Practitioner", {})
    assert len(asked) == 2


def test_one_that_cannot_be_reached_is_told(tmp_path):
    with pytest.raises(Temporary, match="reached"):
        a_directory("https://127.0.0.1:1", tmp_path).ask("Practitioner", {})
