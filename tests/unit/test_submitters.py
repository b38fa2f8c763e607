"""The file of those who may submit mail."""

from __future__ import annotations

import asyncio
import os

import pytest
import yaml
from typer.testing import CliRunner

from gateway.cli import submission
from gateway.errors import Misconfigured
from gateway.passwords import fits
from gateway.submitters import Submitters, read

HASH = "$argon2id$v=19$m=8,t=1,p=1$c2Vs$aGFjaGU"
ONE = {"user": "cabinet", "password": HASH, "senders": ["Dr@Cabinet.example", "@clinique.example"]}


def written(path, *several, text=None):
    path.write_text(yaml.safe_dump(list(several)) if text is None else text)
    return path


def matches(stored, password):
    return (stored, password) == (HASH, "juste")


def test_who_has_the_password_gets_his_addresses(tmp_path):
    users = Submitters(written(tmp_path / "u.yaml", ONE), matches, print)
    assert asyncio.run(users("cabinet", "juste")) == ("dr@cabinet.example", "@clinique.example")
    assert asyncio.run(users("cabinet", "faux")) is None
    assert asyncio.run(users("personne", "juste")) is None


def test_for_somebody_who_is_not_there_a_password_is_verified_all_the_same(tmp_path):
    asked = []
    users = Submitters(
        written(tmp_path / "u.yaml", ONE), lambda *said: bool(asked.append(said)), print
    )
    asyncio.run(users("personne", "juste"))
    assert asked == [("", "juste")]


def test_a_new_user_waits_for_no_restart_and_a_broken_file_changes_nothing(tmp_path):
    said = []
    path = written(tmp_path / "u.yaml", ONE)
    users = Submitters(path, matches, said.append)
    written(path, ONE | {"user": "nouveau"})
    os.utime(path, (1, 1))
    assert asyncio.run(users("nouveau", "juste"))
    assert asyncio.run(users("cabinet", "juste")) is None
    written(path, text="- [")
    os.utime(path, (2, 2))
    assert asyncio.run(users("nouveau", "juste"))
    path.unlink()
    assert asyncio.run(users("nouveau", "juste"))
    assert said == ["submitters refused"] * 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- [", "no YAML"),
        ("user: x", "not a list"),
        ("- secret-canary", "user 1"),
        ("- {user: a}", "user 1"),
        (yaml.safe_dump([ONE | {"user": ""}]), "no name"),
        (yaml.safe_dump([ONE | {"password": "secret-canary"}]), "no Argon2id"),
        (yaml.safe_dump([ONE, ONE]), "twice"),
        (yaml.safe_dump([ONE | {"senders": []}]), "senders"),
        (yaml.safe_dump([ONE | {"senders": ["secret-canary"]}]), "senders"),
    ],
)
def test_what_is_wrong_is_told_without_quoting_the_file(tmp_path, text, told):
    with pytest.raises(Misconfigured, match=told) as refused:
        read(written(tmp_path / "u.yaml", text=text))
    assert "canary" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Misconfigured, match=r"u\.yaml"):
        read(tmp_path / "u.yaml")


def run(folder, *words, typed="", status=0):
    config = folder / "gateway.yaml"
    config.write_text(
        "domains: [cabinet.example]\n"
        "doors: {submissions: {listen: '127.0.0.1:10465', users: secrets/u.yaml}}\n"
    )
    (folder / "secrets").mkdir(exist_ok=True)
    command = [*words, "--config", str(config)]
    done = CliRunner().invoke(submission.app, command, input=typed)
    assert done.exit_code == status, done.output
    return done.output


def test_users_are_made_and_taken_away_on_the_command_line(tmp_path):
    path, phrase = tmp_path / "secrets" / "u.yaml", "un cheval bleu dort"
    typed = f"{phrase}\n{phrase}\n"
    run(tmp_path, "add", "cabinet", "--sender", "dr@cabinet.example", typed=typed)
    assert path.stat().st_mode & 0o077 == 0
    assert fits(read(path)["cabinet"].password, phrase)
    assert phrase not in path.read_text()
    path.chmod(0o640)
    run(tmp_path, "add", "accueil", "--sender", "@cabinet.example", typed=typed)
    assert path.stat().st_mode & 0o777 == 0o640
    assert "accueil  @cabinet.example" in run(tmp_path, "list")
    run(tmp_path, "remove", "cabinet")
    run(tmp_path, "remove", "cabinet", status=1)
    assert list(read(path)) == ["accueil"]


@pytest.mark.parametrize(
    ("sender", "typed", "status"),
    [("personne", "x" * 20, 2), ("a@b.fr", "court\ncourt", 2), ("a@b.fr", "x\ny", 1)],
)
def test_a_bad_password_or_address_makes_nobody(tmp_path, sender, typed, status):
    run(tmp_path, "add", "a", "--sender", sender, typed=f"{typed}\n", status=status)
    assert not (tmp_path / "secrets" / "u.yaml").exists()


def test_without_a_door_for_them_nobody_is_made(tmp_path):
    (tmp_path / "g.yaml").write_text("domains: [cabinet.example]\n")
    done = CliRunner().invoke(submission.app, ["list", "--config", str(tmp_path / "g.yaml")])
    assert done.exit_code == 2
