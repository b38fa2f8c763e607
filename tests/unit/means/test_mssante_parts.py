"""What the section `mssante` becomes: routes that nothing goes round, and who writes as whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway import hops, parts
from gateway.config import Config, read_config
from gateway.decide.space import NO_ROUTE, NO_SENDER
from gateway.errors import Misconfigured
from gateway.means import mssante_parts
from tests.makers import judged, mssante
from tests.makers.pki import Authority

DOCTOR = "dr@medecin.mssante.fr"
SECURE = {"host": "operateur.example", "tls": "verified"}


def config(folder: Path | None = None, /, **more: object) -> Config:
    relay = {"default": {"host": "127.0.0.1"}, "routes": {"*.mssante.fr": SECURE}}
    written = {"domains": ["chu.example"], "relay": relay, **more}
    return Config.model_validate(written, context={"base": folder or Path.cwd()})


def test_a_bare_list_is_that_of_the_domains():
    assert config(mssante=["*.mss.example"]).mssante.domains == ("*.mss.example",)
    assert config(mssante={}).mssante.domains == ("*.mssante.fr",)


@pytest.mark.parametrize(
    "routes",
    [
        {"*.fr": SECURE},
        {"*.mssante.fr": {"host": "x", "tls": "opportunistic"}},
        {"*.mssante.fr": {"mx": True, "tls": "dane", "floor": "opportunistic"}},
        {"autre.example": SECURE},
    ],
)
@pytest.mark.parametrize("route", ["default", "sealed", "notices", "mssante"])
def test_without_a_sure_route_of_its_own_no_way_leads_there(routes, route):
    """Not by default, not by a wider route, not by those of encrypted mail or of our own."""
    told = {"default": {"host": "127.0.0.1"}, "routes": routes, "sealed": {"*.fr": SECURE}}
    found = config(relay=told, notices={"relay": {"host": "127.0.0.2"}})
    assert hops.routes(found).hop("medecin.mssante.fr", route) is None
    known = mssante_parts.space(found)
    assert known.objection(judged.mail(DOCTOR), DOCTOR) == NO_ROUTE


@pytest.mark.parametrize("route", ["default", "sealed", "notices", "mssante"])
def test_with_one_nothing_goes_another_way(route):
    weak = {"host": "en-clair.example", "tls": "none"}
    told = {
        "default": {"host": "127.0.0.1"},
        "routes": {"*.mssante.fr": SECURE, "medecin.mssante.fr": weak},
        "sealed": {"*.fr": weak},
    }
    hop = hops.routes(config(relay=told)).hop("medecin.mssante.fr", route)
    assert hop is not None
    assert hop.host == "operateur.example"


def test_nobody_knows_of_the_space_where_nothing_could_lead_there():
    assert mssante_parts.space(Config.least(["chu.example"])) is None
    found = config(mssante=[])
    assert mssante_parts.space(found) is None
    ordinary = {"default": {"host": "127.0.0.1"}}
    routes = hops.routes(config(mssante=[], relay=ordinary))
    assert routes.hop("medecin.mssante.fr", "default").host == "127.0.0.1"


def test_senders_and_correspondents_are_those_of_their_files(tmp_path):
    (tmp_path / "s.csv").write_text("agent@chu.example;agent@chu.mssante.fr\n")
    (tmp_path / "c.csv").write_text(f"dr@cabinet.example;{DOCTOR}\n")
    found = config(tmp_path, mssante={"senders": "s.csv", "correspondents": "c.csv"})
    known = mssante_parts.space(found)
    assert known.own("agent@chu.example") == "agent@chu.mssante.fr"
    assert known.objection(judged.mail(DOCTOR), DOCTOR) == ""
    assert known.objection(judged.mail(DOCTOR, sender="x@chu.example"), DOCTOR) == NO_SENDER
    assert parts.notices(found, str, b"k" * 32).secure("dr@cabinet.example") == DOCTOR


@pytest.mark.parametrize("file", ["senders", "correspondents"])
def test_a_file_that_leads_out_of_the_space_stops_the_start(tmp_path, file):
    (tmp_path / "s.csv").write_text("agent@chu.example;agent@gmail.example\n")
    found = config(tmp_path, mssante={file: "s.csv"})

    def start():
        parts.notices(found, str, b"k" * 32)
        parts.channels(found)

    with pytest.raises(Misconfigured, match="not of the MSSanté space"):
        start()


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("{source: 'http://x.example/l.xml'}", "no address to fetch from"),
        ("{source: 'https://u:p@x.example/l.xml'}", "no address to fetch from"),
        ("{source: l.xml, sha256: abc}", "no SHA-256"),
        ("{source: l.xml, stale: 40}", "before anybody is told"),
        ("{source: l.xml, certificate: x.pem}", "unknown key"),
    ],
)
def test_a_white_list_that_would_be_worth_nothing_is_refused(tmp_path, written, complaint):
    path = tmp_path / "gateway.yaml"
    path.write_text(f"domains: [chu.example]\nmssante:\n  white_list: {written}\n")
    with pytest.raises(Misconfigured, match=complaint):
        read_config(path)


def test_a_list_that_must_be_signed_is_not_taken_without(tmp_path):
    (tmp_path / "igc.pem").write_bytes(Authority().certificate.public_bytes(Encoding.PEM))
    (tmp_path / "empty.pem").touch()
    root = etree.fromstring(mssante.white_list())

    def care(**told):
        found = config(tmp_path, mssante={"white_list": {"source": "list.xml"} | told})
        return mssante_parts.care(found, None, None, (), None)

    assert care().is_signed(root)
    assert not care(signature={"authorities": "igc.pem"}).is_signed(root)
    with pytest.raises(Misconfigured, match="authority"):
        care(signature={"authorities": "empty.pem"})
