"""`relay test` meets the next hop and sends nothing; `config check` says what its policy means."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
import yaml

from tests.fakes import NextHop
from tests.unit.cli.conftest import Command

AUTHORITY = trustme.CA()
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
FULL = {"domains": ["chu.example"], "data": ".", "doors": {"smtp": {"listen": "127.0.0.1:0"}}}


def shows(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


GOOD = shows(AUTHORITY.issue_cert("127.0.0.1"))
EXPIRED = shows(
    AUTHORITY.issue_cert(
        "127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO + datetime.timedelta(days=1)
    )
)


@pytest.fixture
def next_hop() -> Iterator[Callable[[NextHop], NextHop]]:
    """Serves hops in a thread: the command has a loop of its own."""
    ends: list[Callable[[], object]] = []

    def serve(hop: NextHop) -> NextHop:
        ready = threading.Event()

        async def listen() -> None:
            over = asyncio.Event()
            async with hop:
                loop = asyncio.get_running_loop()
                ends.append(lambda: loop.call_soon_threadsafe(over.set))
                ready.set()
                await over.wait()

        thread = threading.Thread(target=lambda: asyncio.run(listen()), daemon=True)
        thread.start()
        assert ready.wait(60)
        ends.append(lambda: thread.join(60))
        return hop

    yield serve
    for end in ends:
        end()


def write(relay: dict[str, object], **more: object) -> None:
    AUTHORITY.cert_pem.write_to_path("ca.pem")
    Path("gateway.yaml").write_text(yaml.safe_dump(FULL | {"relay": relay} | more))


def hop_of(hop: NextHop, **more: object) -> dict[str, object]:
    return {"default": {"host": "127.0.0.1", "port": hop.port, "ca": "ca.pem", **more}}


def test_what_is_found_at_the_hop_is_told_and_nothing_is_sent(vaguemestre, next_hop):
    hop = next_hop(NextHop(tls=GOOD))
    write(hop_of(hop, tls="verified"))
    said = vaguemestre("relay", "test", "--json", "dr@labo.example")
    assert said.status == 0
    [told] = said.lines
    assert (told["host"], told["owed"], told["tls"]) == ("127.0.0.1", "verified", "TLSv1.3")
    assert told["cipher"].startswith("TLS_")
    assert "accepté : TLSv1.3" in vaguemestre("relay", "test", "dr@labo.example").out
    assert {command.split()[0] for command in hop.commands} <= {"EHLO", "STARTTLS", "QUIT"}


def test_why_a_hop_is_refused_is_told(vaguemestre, next_hop):
    write(hop_of(next_hop(NextHop(tls=EXPIRED)), tls="verified"))
    said = vaguemestre("relay", "test", "labo.example")
    assert said.status == 1
    assert "refusé : 451 4.7.5" in said.out
    assert "certificate has expired" in said.out


def test_clear_text_is_called_by_its_name(vaguemestre, next_hop):
    write(hop_of(next_hop(NextHop())))
    assert "accepté, en clair" in vaguemestre("relay", "test", "labo.example").out


def test_a_domain_that_leads_nowhere(vaguemestre):
    write({"default": {"mx": True}})
    said = vaguemestre("relay", "test", "dr@not..a.domain")
    assert (said.status, said.out) == (
        1,
        "not..a.domain : 550 5.1.2 Ce domaine n'existe pas, ou n'a pas de serveur de messagerie.\n",
    )


HOST = {"host": "mx.example"}
UNTRUSTED = {"address": "192.0.2.53"}


@pytest.mark.parametrize(
    ("relay", "meaning", "warning"),
    [
        ({"default": HOST}, "mx.example, port 25 ; TLS s'il est offert, sinon en clair", ""),
        ({"default": HOST | {"tls": "verified"}}, "TLS toujours, certificat vérifié", ""),
        ({"default": {"host": "192.0.2.1", "tls": "verified"}}, "", "portent une adresse"),
        ({"default": HOST | {"mode": "implicit"}}, "quel que soit le certificat", ""),
        ({"default": HOST | {"tls": "dane"}, "resolver": UNTRUSTED}, "(DANE)", "sans preuve"),
        ({"default": HOST | {"tls": "dane"}, "resolver": {}}, "à défaut de preuve", ""),
        (
            {"default": HOST | {"tls": "dane"}, "resolver": UNTRUSTED | {"trusted": True}},
            "(DANE)",
            "cru sur parole",
        ),
        ({"default": {"mx": True, "tls": "verified"}}, "de chaque destinataire", "rien ne prouve"),
        ({"default": {"mx": "labo.example", "tls": "mta-sts"}}, "(MX) de labo.example", ""),
    ],
)
def test_what_a_policy_means_and_what_is_doubtful(vaguemestre, relay, meaning, warning):
    write(relay)
    said = vaguemestre("config", "check")
    assert said.status == 0, said.err
    assert meaning in said.out
    warnings = [line for line in said.out.splitlines() if line.startswith("Attention : relay")]
    assert bool(warnings) == bool(warning)
    assert warning in "".join(warnings)


def test_a_certificate_about_to_end_is_told(vaguemestre: Command, tmp_path):
    leaf = AUTHORITY.issue_cert(
        "gw.example", not_after=datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)
    )
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "tls.pem")
    write({"default": HOST}, tls={"certificate": "tls.pem", "key": "tls.pem"})
    assert "le certificat des portes finit" in vaguemestre("config", "check").out
    (tmp_path / "tls.pem").write_text("x")
    assert vaguemestre("config", "check").status == 2


def test_a_certificate_that_the_hops_cannot_use_is_refused(vaguemestre, tmp_path):
    (tmp_path / "broken.pem").write_text("x")
    write({"default": HOST | {"tls": "verified", "ca": "broken.pem"}})
    said = vaguemestre("config", "check")
    assert said.status == 2
    assert "broken.pem" in said.err
