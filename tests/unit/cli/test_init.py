"""`vaguemestre init`: what it asks, what it writes, and that a gateway starts from it."""

from __future__ import annotations

import os
import pwd
import socket
import ssl
import stat
from datetime import datetime, timedelta

import pytest
import yaml

from gateway import parts
from gateway.cli import init as command
from gateway.cli import init_files
from gateway.cli.postfix_check import hurts
from gateway.cli.postfix_files import read
from gateway.config import read_config
from gateway.decide.question import PARIS
from gateway.passwords import fits
from gateway.store.keys import load_private, load_public

ANSWERS = ("--domain", "ch.example", "--officer", "dpo@ch.example", "--yes")


@pytest.fixture
def hop():
    """Something that answers at the next hop's address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_three_answers_make_a_configuration_and_keys(vaguemestre, tmp_path, hop):
    answers = ("*.ch.example", "ch.example", hop, "dpo@mail.example", "dpo@ch.example")
    said = vaguemestre("init", stdin="\n".join((*answers, "")).encode())
    assert said.status == 0, said.err
    assert "*.ch.example n'est pas un domaine" in said.err
    assert "écrivez une adresse à ch.example" in said.err, "asked again"
    config = read_config(tmp_path / "gateway.yaml")
    assert (config.domains, config.officers) == (("ch.example",), ("dpo@ch.example",))
    assert f"{config.relay.default.host}:{config.relay.default.port}" == hop
    (public,), (private,) = load_public(config.keys), load_private(config.keys, None)
    assert public.id == private.id
    assert f"{config.keys}/officer-*.key" in said.out
    assert "L. 1111-8" in said.out
    assert "ne répond pas" not in said.out
    assert [line[:4] for line in said.out.rpartition("Ensuite :\n")[2].splitlines()] == [
        *("  1.", "  2.", "  3.")
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--officer", "dpo@ch.example"), "il en faut un"),
        (("--domain", "ch", "--officer", "dpo@ch.example"), "pas un domaine"),
        (("--domain", "ch.example"), "écrivez une adresse, seule"),
        (("--domain", "ch.example", "--officer", "dpo@mail.example"), "adresse à ch.example"),
        (("--domain", "ch.example", "--officer", "a@x,b@ch.example"), "écrivez une adresse, seule"),
        ((*ANSWERS[:4], "--next-hop", "hop:0"), "écrivez un serveur"),
        ((*ANSWERS[:4], "--next-hop", "hop:smtp"), "écrivez un serveur"),
        ((*ANSWERS[:4], "--next-hop", "a'b:25"), "écrivez un serveur"),
        ((*ANSWERS[:4], "--next-hop", "smtp://hop:25"), "écrivez un serveur"),
        ((*ANSWERS[:4], "--next-hop", "127.0.0.1:10024"), "tournerait en rond"),
        ((*ANSWERS[:4], "--practice", "--next-hop", "localhost:465"), "tournerait en rond"),
        ((*ANSWERS[:4], "--practice"), "écrivez un serveur"),
        ((*ANSWERS[:4], "--user", "lea"), "--practice"),
    ],
)
def test_a_script_is_told_what_is_wrong_and_nothing_is_written(
    vaguemestre, tmp_path, arguments, why
):
    said = vaguemestre("init", "--yes", *arguments)
    assert (said.status, list(tmp_path.iterdir())) == (2, [])
    assert why in said.err


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("relais.example", "relais.example", 25),
        ("relais.example:465", "relais.example", 465),
        ("[2001:db8::1]:25", "2001:db8::1", 25),
        ("2001:db8::1", "2001:db8::1", 25),
    ],
)
def test_a_next_hop_is_written_as_people_do(
    vaguemestre, tmp_path, monkeypatch, written, host, port
):
    monkeypatch.setattr(command, "_unreachable", lambda plan: "Name or service not known")
    said = vaguemestre("init", *ANSWERS, "--next-hop", written)
    relay = read_config(tmp_path / "gateway.yaml").relay
    assert (str(relay.default.host), relay.default.port) == (host, port)
    assert (relay.default.mode == "implicit") is (port == 465)
    assert "ne répond pas encore (Name or service not known)" in said.out, "a warning, no more"


def test_a_domain_with_accents_and_spaces_around_an_answer_are_taken(vaguemestre, tmp_path, hop):
    answers = (" hôpital.example ", f" {hop} ", " dpo@Hôpital.example ")
    said = vaguemestre("init", stdin="\n".join((*answers, "")).encode())
    assert said.status == 0, said.err
    config = read_config(tmp_path / "gateway.yaml")
    assert config.domains == ("xn--hpital-ixa.example",)
    assert config.officers == ("dpo@xn--hpital-ixa.example",)


def test_what_was_broken_off_is_begun_anew(vaguemestre, tmp_path, monkeypatch, hop):
    """A container's first start asks only whether there is a gateway.yaml."""
    with monkeypatch.context() as patched:
        patched.setattr(command.keys, "make", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            vaguemestre("init", *ANSWERS, "--next-hop", hop)
    assert not (tmp_path / "gateway.yaml").exists()
    assert vaguemestre("init", *ANSWERS, "--next-hop", hop).status == 0
    assert load_public(read_config(tmp_path / "gateway.yaml").keys)


def test_nothing_is_written_over_unless_forced_and_keys_never(vaguemestre, tmp_path, hop):
    vaguemestre("init", *ANSWERS, "--next-hop", hop)
    before = sorted((tmp_path / "var" / "keys").iterdir())
    (tmp_path / "gateway.yaml").write_text("mine")
    said = vaguemestre("init", *ANSWERS, "--next-hop", hop)
    assert (said.status, (tmp_path / "gateway.yaml").read_text()) == (2, "mine")
    assert "--force" in said.err
    assert vaguemestre("init", *ANSWERS, "--next-hop", hop, "--force").status == 0
    assert read_config(tmp_path / "gateway.yaml").domains == ("ch.example",)
    assert sorted((tmp_path / "var" / "keys").iterdir()) == before


def test_for_a_month_only_the_floor_stops_mail(vaguemestre, tmp_path, hop):
    vaguemestre("init", *ANSWERS, "--next-hop", hop)
    config = read_config(tmp_path / "gateway.yaml")
    today = datetime.now(PARIS).date()
    assert config.monitor.until - today in (timedelta(30), timedelta(29))  # run at midnight
    rules = parts.Rulebook(config, None).rules
    stopping = {one.id for one in parts.observation(config).of(rules).rules if one.enforced}
    assert {
        "bulk/contacts",
        "bulk/table-health",
        "formats/dicom",
        "recipient/lookalike",
    } <= stopping
    assert {"health/nir-external", "unread/encrypted", "finance/iban-of-a-person"}.isdisjoint(
        stopping
    )
    vaguemestre("init", *ANSWERS, "--next-hop", hop, "--force", "--observe", 0)
    assert read_config(tmp_path / "gateway.yaml").monitor is None


def test_what_postfix_gets_does_not_hurt_it(vaguemestre, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_unreachable", lambda plan: "")
    vaguemestre("init", *ANSWERS)
    folder = tmp_path / "postfix"
    assert [str(hurt) for hurt in hurts(read(folder), read_config(tmp_path / "gateway.yaml"))] == []


def test_a_practice_gets_a_mail_account_and_a_certificate(vaguemestre, tmp_path, hop):
    practice = ("--practice", "--next-hop", hop, "--user", "cabinet@fai.example")
    said = vaguemestre("init", *ANSWERS, *practice, stdin=b"mot du fai\n")
    assert said.status == 0, said.err
    config = read_config(tmp_path / "gateway.yaml")
    (account,) = yaml.safe_load(config.doors.submission.users.read_text())
    (shown,) = (line for line in said.out.splitlines() if "une seule fois" in line)
    assert account["user"] == init_files.ACCOUNT
    assert account["senders"] == ["@ch.example"]
    assert fits(account["password"], shown.rpartition(" ")[2])
    ssl.create_default_context().load_cert_chain(config.tls.certificate, config.tls.key)
    assert config.relay.default.tls == "verified"
    login = yaml.safe_load(config.relay.default.auth.read_text())
    assert login == {"user": "cabinet@fai.example", "password": "mot du fai"}
    assert config.console.profile == "practice"
    closed = ("mail.key", "submission.yaml", "provider.yaml")
    assert {stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) for name in closed} == {
        0o600
    }
    assert not (tmp_path / "postfix").exists()
    again = vaguemestre("init", *ANSWERS, *practice, "--force", stdin=b"autre\n")
    assert "une seule fois" not in again.out, "secrets stay"
    assert yaml.safe_load(config.relay.default.auth.read_text()) == login


def test_for_containers_the_database_has_a_password_that_nobody_typed(
    vaguemestre, tmp_path, monkeypatch
):
    monkeypatch.setattr(command, "DATABASE_SECRET", tmp_path / "database")
    (tmp_path / "database").mkdir()
    monkeypatch.setattr(init_files, "CONTAINER_DATA", str(tmp_path / "data"))
    said = vaguemestre("init", *ANSWERS, "--containers")
    assert said.status == 0, said.err
    password = (tmp_path / "database" / "password").read_text()
    pgpass = tmp_path / "database" / "pgpass"
    assert pgpass.read_text() == f"*:*:*:vaguemestre:{password}\n"
    assert stat.S_IMODE(pgpass.stat().st_mode) == 0o600, "or libpq does not read it"
    config = read_config(tmp_path / "gateway.yaml")
    assert (config.blobs.place, password in config.database) == ("database", False)
    assert not config.doors.lmtp.listen.is_local
    assert config.console_url == "http://127.0.0.1:8025", "what links show is what browsers reach"
    public = tmp_path / "data" / "public"
    assert {one.suffix for one in public.iterdir()} == {".pub", ".key"}
    assert [one.name for one in public.glob("*.key")] == ["hmac.key"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_where_the_units_users_exist_each_reads_its_own(vaguemestre, tmp_path, monkeypatch, hop):
    """Doors read the account and the certificate, officers alone the private half."""
    users = ("daemon", "nobody", "nobody")
    for module in (command, init_files):
        monkeypatch.setattr(module, "SYSTEM_USERS", users)
    said = vaguemestre("init", *ANSWERS, "--practice", "--next-hop", hop)
    assert said.status == 0, said.err
    assert "non séparées" not in said.out
    doors, officers = (pwd.getpwnam(name) for name in users[:2])
    for path in ((secrets := tmp_path / "secrets"), *secrets.iterdir()):
        found = path.stat()
        assert (found.st_gid, found.st_mode & 0o007) == (doors.pw_gid, 0)
        assert found.st_mode & 0o040
    (private,) = (tmp_path / "var" / "keys").glob("officer-*.key")
    assert (private.stat().st_uid, stat.S_IMODE(private.stat().st_mode)) == (officers.pw_uid, 0o400)
    assert read_config(tmp_path / "gateway.yaml").users.door == "daemon"
