"""`vaguemestre dkim`: a key is made, published, signs, is replaced, and goes."""

import asyncio
import datetime
import re
import time
from dataclasses import replace

import pytest

from gateway import parts
from gateway.cli.dkim import LINGER_DAYS, standing
from gateway.config import read_config
from gateway.store import dkim_keys
from tests.makers import sealing, signing
from tests.resolver import Zone
from tests.unit.cli.conftest import CONFIG

DAY = 86_400.0
TODAY = ("--active-from", "2020-01-01")


def strings(line):
    return "".join(re.findall(r'"([^"]*)"', line))


@pytest.fixture
def one(configured, vaguemestre):
    """A key of chu.example that signs: its selector is mars."""
    said = vaguemestre("dkim", "new", "--algorithm", "ed25519", "--selector", "Mars", *TODAY)
    assert said.status == 0
    began(configured, "mars", 2020)
    return said.out


def began(configured, selector, year):
    """The key has signed since the first of January of that year."""
    folder = configured / "keys" / "dkim"
    [made] = [made for made in dkim_keys.read(folder) if made.selector == selector]
    since = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC).timestamp()
    dkim_keys.write(folder, replace(made, active_from=since), new=False)


def replaced(vaguemestre, *day):
    """By another key, from that day on."""
    given = ("--algorithm", "ed25519", "--selector", "avril", *day)
    assert vaguemestre("dkim", "new", *given).status == 0


def test_a_new_key_prints_its_record_and_signs_from_its_day_on(one, vaguemestre, configured):
    assert one.startswith("mars._domainkey.chu.example. IN TXT (")
    assert strings(one).startswith("v=DKIM1; k=ed25519; p=")
    signer = parts.signer(read_config(configured / "gateway.yaml"))
    assert b"d=chu.example; s=mars;" in signer.sign(sealing.message(), "chu.example")


def test_one_is_told_by_when_to_publish(one, vaguemestre):
    assert "sans attendre : elle signe dès maintenant" in one
    later = vaguemestre("dkim", "new", "--active-from", "2999-03-01").out
    assert "À publier avant le 01/03/2999" in later


def test_a_list_of_none_says_so(configured, vaguemestre):
    assert vaguemestre("dkim", "list").out.startswith("Aucune clé")
    assert vaguemestre("dkim", "list", "--json").out == ""


def test_by_default_there_are_two_and_they_wait_to_be_published(vaguemestre, configured):
    said = vaguemestre("dkim", "new")
    assert said.status == 0
    assert [line["algorithm"] for line in vaguemestre("dkim", "list", "--json").lines] == [
        "ed25519",
        "rsa",
    ]
    assert "signera à partir du" in vaguemestre("dkim", "list").out
    signer = parts.signer(read_config(configured / "gateway.yaml"))
    assert signer.sign(sealing.message(), "chu.example") == sealing.message()


def test_a_running_signer_takes_the_new_key_without_a_restart(one, vaguemestre, configured):
    signer = parts.signer(read_config(configured / "gateway.yaml"))
    assert b"s=mars;" in signer.sign(sealing.message(), "chu.example")
    replaced(vaguemestre, *TODAY)
    began(configured, "avril", 2021)
    out = signer.sign(sealing.message(), "chu.example")
    assert (b"s=avril;" in out, b"s=mars;" in out) == (True, False)
    told = vaguemestre("dkim", "list").out
    assert "mars._domainkey.chu.example  ed25519  remplacée" in told
    assert "08/01/2021" in told, "seven days after the other one began"


def test_a_replaced_key_is_retired_and_its_selector_serves_no_more(one, vaguemestre, configured):
    replaced(vaguemestre, *TODAY)
    began(configured, "avril", 2021)
    assert vaguemestre("dkim", "retire", "mars").status == 0
    [path] = (configured / "keys" / "dkim").glob("mars.*")
    assert "PRIVATE" not in path.read_text()
    assert "retirée" in vaguemestre("dkim", "list").out
    again = vaguemestre("dkim", "new", "--algorithm", "ed25519", "--selector", "mars")
    assert (again.status, "has served already" in again.err) == (2, True)
    assert vaguemestre("dkim", "retire", "mars").status == 2


@pytest.mark.parametrize("day", ["2021-01-01", time.strftime("%Y-%m-%d")])
def test_a_key_that_signs_or_signed_a_moment_ago_is_not_retired(one, vaguemestre, day):
    """Whatever day its successor is said to have begun on."""
    assert vaguemestre("dkim", "retire", "mars").status == 1
    replaced(vaguemestre, "--active-from", day)
    assert vaguemestre("dkim", "retire", "mars").status == 1
    assert vaguemestre("dkim", "retire", "mars", "--now").status == 0


@pytest.mark.parametrize(
    "given",
    [
        ("--selector", "a;b", "--algorithm", "rsa"),
        ("--selector", "../../x", "--algorithm", "rsa"),
        ("--selector", "a\r\nb", "--algorithm", "ed25519"),
        ("--domain", "../x"),
        ("--algorithm", "dsa"),
        ("--selector", "both"),
    ],
)
def test_what_could_not_stand_in_dns_makes_nothing(given, vaguemestre, configured):
    assert vaguemestre("dkim", "new", *given).status == 2
    assert not (configured / "keys" / "dkim").exists()


def asked(vaguemestre, configured, records):
    """`dkim check` against a resolver that says this."""

    async def run():
        async with Zone({(name, "TXT"): [said] for name, said in records.items()}) as zone:
            more = f"arc: {{resolvers: ['127.0.0.1:{zone.port}']}}\n"
            (configured / "gateway.yaml").write_text(CONFIG + more)
            return await asyncio.to_thread(vaguemestre, "dkim", "check")

    return asyncio.run(run())


def quoted(made):
    return dkim_keys.zone_line(made).partition("( ")[2].removesuffix(" )")


def test_check_tells_what_is_published(vaguemestre, configured):
    vaguemestre("dkim", "new", "--algorithm", "rsa", "--selector", "mars", *TODAY)
    [made] = dkim_keys.read(configured / "keys" / "dkim")
    name = made.name
    assert asked(vaguemestre, configured, {name: quoted(made)}).out == f"{name} : publiée\n"
    other = asked(vaguemestre, configured, {name: quoted(signing.made("rsa"))})
    assert (other.status, other.out) == (1, f"{name} : une autre clé est publiée\n")
    absent = asked(vaguemestre, configured, {})
    assert (absent.status, absent.out) == (1, f"{name} : absente du DNS\n")
    wrong = asked(vaguemestre, configured, {name: quoted(made).replace("k=rsa", "k=dsa")})
    assert (wrong.status, "nul ne peut vérifier" in wrong.out) == (1, True)


def test_check_without_a_key_says_so(vaguemestre, configured):
    assert vaguemestre("dkim", "check").status == 1


@pytest.mark.parametrize(
    ("now", "signs"),
    [
        (0.5, {"a"}),
        (10 * DAY, {"b"}),
        (20 * DAY, {"b"}),  # the one to follow was retired before its day
    ],
)
def test_who_signs_when(now, signs):
    keys = [
        dkim_keys.Made("ch.example", "a", "rsa", 0.0, "", "x"),
        dkim_keys.Made("ch.example", "b", "rsa", 5 * DAY, "", "x"),
        dkim_keys.Made("ch.example", "c", "rsa", 15 * DAY, "", "", retired=6 * DAY),
        dkim_keys.Made("autre.example", "d", "rsa", 99 * DAY, "", "x"),
    ]
    told = {one.made.selector: one for one in standing(keys, now)}
    assert {name for name, one in told.items() if one.signs} == signs
    if now > 5 * DAY:
        assert told["a"].until == (5 + LINGER_DAYS) * DAY
