"""One file, read whole or refused with every fault told.

tests/unit/broken/config holds broken configurations and, beside each, what the operator must read
("…" stands for the directory).
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway import config as module
from gateway.config import Config, demand_startable, read_config, read_login
from gateway.config_words import Listen
from gateway.errors import Misconfigured
from gateway.model import DEFAULT_LIMITS

BROKEN = Path(__file__).parent / "broken" / "config"

LEAST = """
domains: [ch-exemple.fr]                     # ours; all else is external
data: var                                    # database, vault, keys, unless said otherwise
database: sqlite:///var/vaguemestre.db       # or postgresql://…
processes: 2
doors:
  smtp:   {listen: "127.0.0.1:10025", clients: ["127.0.0.0/8", "::1/128"]}
  lmtp:   {listen: "127.0.0.1:10024"}
  milter: {listen: "unix:var/milter.sock"}
relay:                                       # next hop; tls: none | opportunistic | required | verified
  default: {host: 127.0.0.1, port: 2525, tls: opportunistic}
  routes:
    "*.mssante.fr": {host: connecteur.exemple, port: 465, mode: implicit, tls: verified,
                     auth: secrets/mss.yaml, client_certificate: secrets/mss.pem}
rules: [rules]                               # directories
officers: [dpo@ch-exemple.fr]                # told of what is held, by digest; see `compartments`
notices: {relay: {host: 127.0.0.1, port: 25}}  # the internal way; default: relay.default
metrics: {listen: "127.0.0.1:9825"}
"""  # noqa: E501


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "mss.yaml").write_text("user: ch\npassword: s3cr3t\n")
    (tmp_path / "secrets" / "mss.pem").write_text("")
    return tmp_path


def read(directory, text):
    path = directory / "gateway.yaml"
    path.write_text(text, "utf-8")
    return read_config(path)


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_broken_configuration_is_refused_for_the_stated_reason(path, directory):
    (directory / "login.yaml").write_text("user: a\npassword: b\n")
    with pytest.raises(Misconfigured) as refused:
        read(directory, path.read_text("utf-8"))
    told = str(refused.value).replace(str(directory), "…") + "\n"
    assert told == path.with_suffix(".expected").read_text("utf-8")


def test_there_are_enough_broken_configurations():
    assert len(list(BROKEN.glob("*.yaml"))) >= 25


def test_the_least_form_of_the_design_is_read_as_it_says(directory):
    config = read(directory, LEAST)
    assert config.domains == ("ch-exemple.fr",)
    assert config.doors.smtp.listen == Listen("127.0.0.1", 10025)
    assert config.doors.milter.listen == Listen(path=directory / "var/milter.sock")
    assert config.relay.default.port == 2525
    assert config.relay.routes["*.mssante.fr"].tls == "verified"
    assert config.rules == (directory / "rules",)
    assert config.database == f"sqlite:///{directory}/var/vaguemestre.db"
    assert config.notices.relay.port == 25


def test_what_is_not_said_has_its_default_in_one_place(directory):
    config = read(directory, "domains: [ch.example]\n")
    assert config.data == directory / "var"
    assert config.database == f"sqlite:///{directory}/var/vaguemestre.db"
    assert config.keys == directory / "var/keys"
    assert (config.processes, config.deadline) == (2, 80)
    assert (config.doors.smtp, config.doors.lmtp, config.doors.milter) == (None, None, None)
    assert config.notices_from == "vaguemestre@ch.example"
    assert (config.notices.per_hour, config.notices.digest) == (20, ("09:00", "14:00"))
    assert config.retention.hold_days == 3
    assert config.limits.of_inspection() == DEFAULT_LIMITS
    assert str(config.metrics.listen) == "127.0.0.1:9825"


def test_a_path_is_relative_to_the_file_and_a_dollar_is_a_dollar(directory):
    config = read(directory, "domains: [ch.example]\ndata: $HOME/var\nkeys: /etc/keys\n")
    assert config.data == directory / "$HOME/var"
    assert config.keys == Path("/etc/keys")


def test_metrics_can_be_closed(directory):
    assert read(directory, "domains: [ch.example]\nmetrics: null\n").metrics is None


@pytest.mark.parametrize(
    ("written", "listen", "local"),
    [
        ("127.0.0.1:10025", Listen("127.0.0.1", 10025), True),
        ("[::1]:25", Listen("::1", 25), True),
        ("0.0.0.0:25", Listen("0.0.0.0", 25), False),
        ("127.0.0.1:0", Listen("127.0.0.1", 0), True),
        ("unix:/run/x.sock", Listen(path=Path("/run/x.sock")), True),
    ],
)
def test_where_a_door_listens(directory, written, listen, local):
    config = read(directory, f'domains: [ch.example]\ndoors: {{smtp: {{listen: "{written}"}}}}\n')
    assert config.doors.smtp.listen == listen
    assert str(listen) == written
    assert listen.is_local is local


@pytest.mark.parametrize(
    ("written", "octets"), [("1024", 1024), ("10 MB", 10 * 2**20), ("2 Go", 2**31), ("64k", 65536)]
)
def test_a_size_is_written_in_bytes_or_octets(directory, written, octets):
    assert read(directory, f"domains: [a.fr]\nlimits: {{size: {written}}}\n").limits.size == octets


def test_mssante_counts_only_where_a_sure_route_leads_there(directory):
    assert read(directory, LEAST).places().mssante == ("*.mssante.fr",)
    for change in (
        ("tls: verified", "tls: opportunistic"),
        ('"*.mssante.fr"', '"*.autre.fr"'),
    ):
        text = LEAST.replace(*change)
        text = text.replace(
            "auth: secrets/mss.yaml, client_certificate: secrets/mss.pem", "protocol: smtp"
        )
        assert read(directory, text).places().mssante == (), change


def test_places_are_those_of_the_configuration(directory):
    more = "partners: {paie: {domains: [paie.example], until: 2026-12-31}}\nwebmail: [w.example]\n"
    places = read(directory, "domains: ['*.ch.example']\n" + more).places()
    assert places.is_internal("a@b.ch.example")
    assert not places.is_internal("a@ch.example")
    assert places.is_webmail("a@w.example")
    assert places.is_partner("a@paie.example", date(2026, 12, 31), "paie")
    assert not places.is_partner("a@paie.example", date(2027, 1, 1), "paie")


def test_the_configuration_shown_can_be_read_again(directory):
    shown = json.loads(read(directory, LEAST).model_dump_json(by_alias=True))
    again = Config.model_validate(shown, context={"base": directory})
    assert again == read(directory, LEAST)


def test_a_configuration_cannot_be_changed():
    config = Config.least(["ch.example"])
    with pytest.raises(ValidationError, match="frozen"):
        config.processes = 3


def test_scan_needs_no_more_than_a_domain():
    config = Config.least(["ch.example"])
    assert config.places().is_internal("a@ch.example")
    assert config.rules == (module.SHIPPED_RULES,)


def test_what_this_version_cannot_start_is_said_all_at_once(directory):
    with pytest.raises(Misconfigured) as refused:
        demand_startable(read(directory, "domains: [a.fr]\n"))
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["doors", "relay"]


def test_a_gateway_with_a_door_and_a_hop_can_start(directory):
    demand_startable(read(directory, LEAST))


@pytest.mark.parametrize(
    ("listen", "hop", "round_"),
    [
        ("127.0.0.1:10025", "{host: 127.0.0.1, port: 10025}", True),
        ("127.0.0.1:10025", "{host: localhost, port: 10025}", True),
        ("0.0.0.0:25", "{host: 127.0.0.1}", True),
        ("[::]:25", "{host: '::1'}", True),
        ("[::]:25", "{host: 127.0.0.1}", False),  # another server's: a socket of IPv6 alone
        ("127.0.0.1:10025", "{host: 127.0.0.1, port: 10026}", False),
        ("0.0.0.0:25", "{host: relais.fr}", False),  # whose name that is, the DNS says
        ("10.0.0.1:25", "{host: 127.0.0.1}", False),
        ("127.0.0.1:10025", "{mx: true, port: 10025}", False),
        ("unix:door.sock", "{host: 127.0.0.1}", False),
    ],
)
def test_mail_does_not_go_back_to_our_own_door(directory, listen, hop, round_):
    for where in (
        f"relay: {{default: {hop}}}",
        f"relay: {{default: {{host: x.fr}}, routes: {{b.fr: {hop}}}}}",
    ):
        config = read(
            directory, f'domains: [a.fr]\ndoors: {{smtp: {{listen: "{listen}"}}}}\n{where}\n'
        )
        with pytest.raises(Misconfigured, match="go round") if round_ else nullcontext():
            demand_startable(config)


def test_keys_from_mails_need_somebody_who_proves_whose_they_are(directory):
    written = LEAST + "openpgp: {autocrypt: true}\n"
    with pytest.raises(Misconfigured, match="name arc"):
        demand_startable(read(directory, written))
    demand_startable(read(directory, written + "arc: {resolvers: [127.0.0.1]}\n"))


def test_a_login_is_read_and_never_shown(directory):
    login = read_login(directory / "secrets/mss.yaml")
    assert login.password.get_secret_value() == "s3cr3t"
    assert "s3cr3t" not in repr(login)


def test_a_broken_login_does_not_quote_the_password(directory):
    path = directory / "secrets/mss.yaml"
    path.write_text("user: ch\npasswrd: s3cr3t\n")
    with pytest.raises(Misconfigured) as refused:
        read_login(path)
    assert "s3cr3t" not in str(refused.value)
    assert f"{path}:2:1" in str(refused.value)


@pytest.mark.parametrize("data", [None, b"domains: [\xe9]\n"])
def test_a_file_that_cannot_be_read_is_told(tmp_path, data):
    path = tmp_path / "gateway.yaml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(Misconfigured, match=r"gateway\.yaml"):
        read_config(path)


def test_without_a_history_nobody_counts_the_mails_to_a_partner(tmp_path):
    (tmp_path / "gateway.yaml").write_text(
        "domains: [chu.example]\n"
        "partners: {labo: {domains: [labo.example], mails_a_day: 50}}\n"
        "history: {enabled: false}\n"
    )
    with pytest.raises(Misconfigured, match="nobody counts mails_a_day"):
        read_config(tmp_path / "gateway.yaml")


def test_a_directory_of_staff_is_not_read_in_clear(tmp_path):
    where = "history: {ldap: {host: ldap.chu.example, base: 'dc=chu', security: none}}\n"
    (tmp_path / "gateway.yaml").write_text(f"domains: [chu.example]\n{where}")
    with pytest.raises(Misconfigured, match="in clear"):
        read_config(tmp_path / "gateway.yaml")
