"""The section `portal`: what is refused, and with which advice."""

from __future__ import annotations

import pytest

from gateway.config import demand_startable, read_config
from gateway.errors import Misconfigured

HEAD = 'domains: [chu.example]\nportal: {url: "https://messages.chu.example/"'


def written(tmp_path, more):
    path = tmp_path / "gateway.yaml"
    path.write_text(f"{HEAD}{more}}}\n", "utf-8")
    return path


def test_its_address_alone_is_enough(tmp_path):
    portal = read_config(written(tmp_path, "")).portal
    assert portal is not None
    assert portal.url == "https://messages.chu.example"  # links are made of it
    assert (str(portal.listen), portal.days, portal.database) == ("127.0.0.1:8026", 15, None)


def test_its_database_is_found_beside_the_file(tmp_path):
    portal = read_config(written(tmp_path, ', database: "sqlite:///p.db"')).portal
    assert portal is not None
    assert portal.database == f"sqlite:///{tmp_path}/p.db"


@pytest.mark.parametrize(
    ("more", "advice"),
    [
        (', url: "messages.chu.example"', "twice|https://messages"),
        (', sms: {url: "http://sms.exemple.example/"}', "codes would travel in clear"),
        (', sms: {url: "https://sms.example/", body: "{number}"}', "neither a number nor a text"),
        (", telephones: {host: a.example, base: dc=a}", "nobody would send codes"),
        (', colour: "bleu"', "colour"),
        (", days: 0", "days"),
        (', database: "postgresql://a:b@h/d"', "a password stands here in clear"),
        (", clé: 1", "clé"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, more, advice):
    with pytest.raises(Misconfigured, match=advice):
        read_config(written(tmp_path, more))


def test_links_travel_under_tls_but_for_a_trial_on_this_machine(tmp_path):
    path = tmp_path / "gateway.yaml"
    path.write_text('domains: [chu.example]\nportal: {url: "http://messages.chu.example"}\n')
    with pytest.raises(Misconfigured, match="in clear"):
        read_config(path)
    path.write_text('domains: [chu.example]\nportal: {url: "http://127.0.0.1:8026"}\n')
    assert read_config(path).portal


@pytest.mark.parametrize("url", ["https://www.chu.example/portail", "https://a:b@www.chu.example"])
def test_pages_stand_at_the_root_of_a_name_of_their_own(tmp_path, url):
    """Their links and cookies begin with a slash."""
    path = tmp_path / "gateway.yaml"
    path.write_text(f'domains: [chu.example]\nportal: {{url: "{url}"}}\n')
    with pytest.raises(Misconfigured, match="a name of its own"):
        read_config(path)


def test_passkeys_need_a_name(tmp_path):
    path = tmp_path / "gateway.yaml"
    head = "domains: [chu.example]\nportal: {accounts: true, "
    path.write_text(f'{head}url: "http://127.0.0.1:8026"}}\n')
    with pytest.raises(Misconfigured, match="bound to a name"):
        read_config(path)
    path.write_text(f'{head}url: "http://localhost:8026"}}\n')
    assert read_config(path).portal.accounts


def test_passwords_are_chosen_nowhere_without_a_portal(tmp_path):
    path = tmp_path / "gateway.yaml"
    path.write_text("domains: [chu.example]\npdf: {chosen: true}\n")
    with pytest.raises(Misconfigured, match=r"pdf\.chosen"):
        demand_startable(read_config(path))


def test_pages_without_an_address_would_make_links_to_nowhere(tmp_path):
    path = tmp_path / "gateway.yaml"
    path.write_text("domains: [chu.example]\nportal: {days: 3}\n")
    with pytest.raises(Misconfigured, match="url"):
        read_config(path)
