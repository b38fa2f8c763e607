"""`config`, `rules`, `reload`, and what `serve` and `run` refuse."""

from __future__ import annotations

import pytest
import yaml

from gateway import equipment
from gateway.config import Config, read_config
from gateway.config_store import VARIABLE

BROKEN_RULE = "id: site/broken\ntitle: Abîmée\nwhen: {finding: fr.nirr}\nthen: encrypt\n"
RULE = """\
id: site/ours
title: La nôtre
when: {finding: fr.nir}
then: quarantine
"""
CASES = """\
- case: un NIR
  to: [b@mail.example]
  text: "n° de sécurité sociale : {nir}"
  expect: {b@mail.example: EXPECTED}
"""


def test_check_a_sound_configuration(vaguemestre, configured):
    said = vaguemestre("config", "check")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("No error. ")


def test_check_warns_of_what_will_not_be_read_and_does_not_fail(
    vaguemestre, configured, monkeypatch
):
    lack = equipment.Lack("libarchive", "Les archives ne seront pas lues.", "libarchive13")
    monkeypatch.setattr(equipment, "lacks", lambda: (lack,))
    said = vaguemestre("config", "check")
    assert (said.status, said.err) == (0, "")
    no_error, warning, *_ = said.out.splitlines()
    assert no_error.startswith("No error. ")
    assert warning == (
        "Attention : libarchive manque. Les archives ne seront pas lues. Remède : libarchive13."
    )


@pytest.mark.parametrize(
    ("more", "page"),
    [
        ("", False),
        ("notices: {url: 'https://courriel.ch.example'}\n", True),
        ("console: {listen: '127.0.0.1:1', url: 'https://courriel.ch.example'}\n", True),
    ],
)
def test_check_says_where_no_sender_can_answer(vaguemestre, configured, more, page):
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + more)
    said = vaguemestre("config", "check")
    assert said.status == 0
    assert ("console.url : " in said.out) is not page


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("domain: [x.example]\n", ":6:1"),
        ("deadline: 1\n", ":6:"),
        ("rules: [nowhere]\n", "no such directory"),
        ("doors: {smtp: {listen: nowhere}}\n", "doors"),
    ],
)
def test_check_tells_every_complaint_with_its_place(vaguemestre, configured, more, told):
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + more)
    said = vaguemestre("config", "check")
    assert (said.status, said.out) == (2, "")
    assert told in said.err
    assert "Traceback" not in said.err


def test_check_wants_what_serve_needs(vaguemestre, configured):
    (configured / "gateway.yaml").write_text("domains: [chu.example]\n")
    said = vaguemestre("config", "check")
    assert said.status == 2
    assert "doors: none is open" in said.err
    assert "relay: there is no next hop" in said.err


def test_show_is_a_configuration_again(vaguemestre, configured):
    said = vaguemestre("config", "show")
    assert said.status == 0
    assert set(yaml.safe_load(said.out)) == set(Config.model_fields)
    (configured / "again.yaml").write_text(said.out)
    assert read_config(configured / "again.yaml") == read_config(configured / "gateway.yaml")


def test_show_tells_secrets_by_name_only(vaguemestre, configured):
    (configured / "login.yaml").write_text("user: a\npassword: canari\n")
    path = configured / "gateway.yaml"
    path.write_text(
        path.read_text().replace("port: 2525}", "port: 2525, tls: verified, auth: login.yaml}")
    )
    said = vaguemestre("config", "show")
    assert "login.yaml" in said.out
    assert "canari" not in said.out


@pytest.mark.parametrize(
    "command",
    [
        ["config", "check"],
        ["config", "show"],
        ["quarantine", "list"],
        ["keys", "list"],
        ["keys", "init"],
        ["reload"],
        ["serve"],
        ["trace", "X"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("option", [[], ["--config", "gone.yaml"]], ids=["here", "named"])
def test_no_configuration_is_2(vaguemestre, command, option):
    said = vaguemestre(*command, *option)
    assert (said.status, said.out) == (2, "")
    assert "gone.yaml" in said.err if option else "gateway.yaml" in said.err


def test_rules_check(vaguemestre, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ours.yaml").write_text(RULE)
    said = vaguemestre("rules", "check", "--rules", "rules")
    assert said.status == 0
    assert "warning" in said.out, "it has no test"
    (tmp_path / "rules" / "broken.yaml").write_text(BROKEN_RULE)
    said = vaguemestre("rules", "check", "--rules", "rules")
    assert said.status == 2
    assert "rules/broken.yaml:3:" in said.err


@pytest.mark.parametrize(("expected", "status"), [("quarantine", 0), ("pass", 1)])
def test_rules_test(vaguemestre, tmp_path, expected, status):
    (tmp_path / "ours.yaml").write_text(RULE)
    (tmp_path / "ours.test.yaml").write_text(CASES.replace("EXPECTED", expected))
    said = vaguemestre("rules", "test", "--rules", ".")
    assert said.status == status
    assert f"{1 - status} passed, {status} failed." in said.out


def test_rules_list(vaguemestre, tmp_path):
    (tmp_path / "ours.yaml").write_text(RULE)
    said = vaguemestre("rules", "list", "--rules", ".")
    assert said.status == 0
    for expected in ("site/ours", "La nôtre", "quarantine", "enforce"):
        assert expected in said.out


def test_reload_without_a_gateway(vaguemestre, configured):
    said = vaguemestre("reload")
    assert (said.status, said.out) == (1, "")
    assert "no gateway runs" in said.err


def test_reload_asks_nobody_while_the_rules_are_broken(vaguemestre, configured):
    (configured / "rules").mkdir()
    (configured / "rules" / "broken.yaml").write_text(BROKEN_RULE)
    (configured / "vaguemestre.pid").write_text("1\n")
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + "rules: [rules]\n")
    assert vaguemestre("reload").status == 2


def test_serve_refuses_to_start_without_a_door(vaguemestre, configured):
    (configured / "gateway.yaml").write_text("domains: [chu.example]\n")
    said = vaguemestre("serve")
    assert said.status == 2
    assert "doors: none is open" in said.err


def test_run_needs_somewhere_to_send_its_samples(vaguemestre, configured):
    said = vaguemestre("run", "--once", "--folder", ".", "--config", "gone.yaml")
    assert said.status == 2
    assert "gone.yaml" in said.err


def test_a_password_of_the_environment_s_database_is_not_shown(
    vaguemestre, configured, monkeypatch
):
    monkeypatch.setenv(VARIABLE, "postgresql://gw:s3cr3t@db.example/gw")
    said = vaguemestre("config", "show")
    assert (said.status, "s3cr3t" in said.out) == (0, False)
    assert "postgresql://gw:…@db.example/gw" in said.out


def test_check_reads_the_login_of_a_bucket(vaguemestre, configured):
    (configured / "login.yaml").write_text("password: s3cr3t\n")
    with (configured / "gateway.yaml").open("a") as config:
        told = 'bucket: held, endpoint: "https://s3.example", auth: login.yaml'
        config.write(f"blobs: {{s3: {{{told}}}}}\n")
    said = vaguemestre("config", "check")
    assert (said.status, "not a user and a password" in said.err) == (2, True)
    assert "s3cr3t" not in said.err + said.out
