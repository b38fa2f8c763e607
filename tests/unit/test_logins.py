"""Who may submit mail, where a directory or the provider judges passwords."""

from __future__ import annotations

import asyncio
import base64
import ssl

import pytest
import trustme
import yaml

from gateway import logins
from gateway.config import Config
from gateway.errors import Misconfigured, Temporary
from gateway.logins import login
from tests import directory
from tests.directory import PASSWORD, PEOPLE, READER, READERS_PASSWORD
from tests.fakes import Deed, NextHop

PHRASE = "une phrase à retenir"
X = "cabinet.example"


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    with directory.running(tmp_path_factory.mktemp("slapd")) as one:
        yield one


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def users(folder, **senders):
    path = folder / "users.yaml"
    path.write_text(yaml.safe_dump([{"user": k, "senders": v} for k, v in senders.items()]))
    return str(path)


def built(folder, door, relay=None, events=None):
    written = {
        "domains": ["chu.example"],
        "doors": {"submissions": {"listen": "127.0.0.1:0", **door}},
        **({"relay": {"default": relay}} if relay else {}),
    }
    config = Config.model_validate(written, context={"base": folder})
    told = events if events is not None else []
    return login(config, config.doors.submissions, told.append)


def by_directory(folder, slapd, events=None, **changes):
    (folder / "reader.yaml").write_text(
        yaml.safe_dump({"user": READER, "password": READERS_PASSWORD})
    )
    ldap = {"host": "127.0.0.1", "port": slapd.tls_port, "base": PEOPLE, "ca": str(slapd.ca)}
    ldap |= {"auth": "reader.yaml"}
    more = {key: changes.pop(key) for key in ("users",) if key in changes}
    return built(folder, {"passwords": "ldap", "ldap": ldap | changes, **more}, events=events)


def test_a_directory_says_who_somebody_is_and_in_whose_name_he_sends(tmp_path, slapd):
    asked = by_directory(tmp_path, slapd)
    assert asyncio.run(asked("claire", PASSWORD)) == ("claire@chu.example",)
    assert asyncio.run(asked("Claire ", PASSWORD)) == ("claire@chu.example",)
    assert asyncio.run(asked("sans-adresse", PASSWORD)) == (), "who has no address sends as nobody"
    for user, password in (("claire", "faux"), ("personne", PASSWORD), ("claire", "")):
        assert asyncio.run(asked(user, password)) is None


def test_an_address_may_be_the_name(tmp_path, slapd):
    asked = by_directory(tmp_path, slapd, account_attribute="mail")
    assert asyncio.run(asked("claire@chu.example", PASSWORD)) == ("claire@chu.example",)


@pytest.mark.parametrize(
    "user", ["*", "claire*", "c)(uid=*", "claire,ou=x", "a+b=c", "claire\0", "é"]
)
def test_a_name_that_would_mean_more_than_itself_never_reaches_the_directory(tmp_path, slapd, user):
    before = slapd.connections()
    assert asyncio.run(by_directory(tmp_path, slapd)(user, PASSWORD)) is None
    assert slapd.connections() == before
    asyncio.run(by_directory(tmp_path, slapd)("claire", PASSWORD))
    assert slapd.connections() > before


def test_a_file_beside_says_in_whose_name_those_send_whom_it_names(tmp_path, slapd):
    path = users(tmp_path, claire=["@chu.example"])
    asked = by_directory(tmp_path, slapd, users=path)
    assert asyncio.run(asked("claire", PASSWORD)) == ("@chu.example",)
    assert asyncio.run(asked("claire", "faux")) is None
    assert asyncio.run(asked("paul", PASSWORD)) == ("paul@chu.example",)


def test_a_directory_that_cannot_be_asked_calls_no_password_wrong(tmp_path, slapd, authority):
    said = []
    authority.cert_pem.write_to_path(tmp_path / "other.pem")
    changes = {"ca": str(tmp_path / "other.pem")}, {"host": "127.0.0.1", "port": 1}
    for change in changes:
        with pytest.raises(Temporary):
            asyncio.run(by_directory(tmp_path, slapd, events=said, **change)("claire", PASSWORD))
    assert said == ["directory away: tls", "directory away: unreachable"]


def test_a_directory_gives_nobody_a_whole_domain(tmp_path, slapd):
    """Many let a person change what stands there: "@chu.example" would be anybody's name."""
    asked = by_directory(tmp_path, slapd, address_attribute="title")
    assert asyncio.run(asked("paul", PASSWORD)) == ("paul@chu.example",)


def plain(user, password):
    return "AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def provider(authority, says, extensions=("AUTH PLAIN LOGIN",), **more):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return NextHop(extensions=extensions, says=says, tls=context, **more)


def at_provider(folder, authority, hop, user, password, events=None, **more):
    """What the gateway makes of a login, and what the provider heard."""
    authority.cert_pem.write_to_path(folder / "ca.pem")

    async def whole():
        async with hop:
            relay = {"host": "127.0.0.1", "port": hop.port, "tls": "verified"}
            relay |= {
                "ca": str(folder / "ca.pem"),
                **({"mode": "implicit"} if hop.implicit else {}),
            }
            asked = built(folder, {"passwords": "relay", **more}, relay, events)
            return await asked(user, password)

    return asyncio.run(whole())


@pytest.mark.parametrize("implicit", [False, True])
def test_whoever_may_log_in_at_the_provider_may_send_here(tmp_path, authority, implicit):
    user = "Dr@Cabinet.example"
    says = {plain(user, PHRASE): "235 2.7.0 ok", "AUTH": "535 5.7.8 no"}
    hop = provider(authority, says, implicit=implicit)
    assert at_provider(tmp_path, authority, hop, user, PHRASE) == ("dr@cabinet.example",)
    hop = provider(authority, says, implicit=implicit)
    assert at_provider(tmp_path, authority, hop, user, "faux") is None
    assert not any(command.startswith("MAIL") for command in hop.commands)


def test_a_provider_that_knows_login_alone_is_asked_its_way(tmp_path, authority):
    word, secret = (base64.b64encode(one.encode()).decode() for one in ("cabinet", PHRASE))
    says = {"AUTH LOGIN": "334 VXNlcm5hbWU6", word: "334 UGFzc3dvcmQ6", secret: "235 ok"}
    hop = provider(authority, says, ("AUTH LOGIN",))
    path = users(tmp_path, cabinet=["dr@cabinet.example"])
    assert at_provider(tmp_path, authority, hop, "cabinet", PHRASE, users=path) == (
        "dr@cabinet.example",
    )
    hop = provider(authority, says, ("AUTH LOGIN",))
    assert at_provider(tmp_path, authority, hop, "cabinet", PHRASE) == (), "a name is no address"
    hop = provider(authority, says | {secret: "535 no"}, ("AUTH LOGIN",))
    assert at_provider(tmp_path, authority, hop, "cabinet", PHRASE) is None


@pytest.mark.parametrize(
    ("says", "extensions"),
    [
        ({"AUTH": "454 4.7.0 later"}, ("AUTH PLAIN",)),
        ({"AUTH": "504 5.5.4 no such"}, ("AUTH PLAIN",)),
        ({"AUTH": "334 more"}, ("AUTH PLAIN",)),
        ({"AUTH": Deed.CLOSE}, ("AUTH PLAIN",)),
        ({"greeting": "421 busy"}, ("AUTH PLAIN",)),
        ({"STARTTLS": "454 no"}, ("AUTH PLAIN",)),
        ({}, ("AUTH CRAM-MD5",)),
        ({}, ()),
    ],
)
def test_a_provider_that_cannot_judge_calls_no_password_wrong(
    tmp_path, authority, says, extensions
):
    hop = provider(authority, says, extensions)
    with pytest.raises(Temporary):
        at_provider(tmp_path, authority, hop, "dr@cabinet.example", PHRASE)


@pytest.mark.parametrize("parting", ["421 4.7.0 too many errors", "500 what?", Deed.CLOSE])
@pytest.mark.parametrize(("judged", "senders"), [("235 ok", (f"dr@{X}",)), ("535 no", None)])
def test_how_a_provider_parts_changes_nothing(tmp_path, authority, judged, senders, parting):
    hop = provider(authority, {"AUTH": judged, "QUIT": parting})
    assert at_provider(tmp_path, authority, hop, f"dr@{X}", PHRASE) == senders


def test_a_provider_that_says_nothing_is_left_after_a_while(tmp_path, authority, monkeypatch):
    monkeypatch.setattr(logins, "_SECONDS", 0.05)
    with pytest.raises(Temporary):
        at_provider(tmp_path, authority, provider(authority, {"greeting": Deed.STALL}), "a", "b")


def test_nobody_waits_without_end_for_others_who_wait_for_the_provider(
    tmp_path, authority, monkeypatch
):
    monkeypatch.setattr(logins, "_AT_ONCE", 0)
    monkeypatch.setattr(logins, "_PATIENCE", 0.05)
    with pytest.raises(Temporary):
        at_provider(tmp_path, authority, provider(authority, {"AUTH": "235 ok"}), "a", "b")


@pytest.mark.parametrize("tls", [True, False])
def test_a_password_goes_to_nobody_who_has_no_sure_certificate(tmp_path, authority, tls):
    hop = provider(trustme.CA(), {"AUTH": "235 ok"})
    hop = hop if tls else NextHop(extensions=("AUTH PLAIN",), says={"AUTH": "235 ok"})
    with pytest.raises(Temporary):
        at_provider(tmp_path, authority, hop, "dr@cabinet.example", PHRASE)
    assert not any("AUTH" in command for command in hop.commands)


@pytest.mark.parametrize(("user", "password"), [("", "x"), ("a", ""), ("a\0b", "x"), ("a", "x\0y")])
def test_what_is_no_login_is_not_tried(tmp_path, authority, user, password):
    hop = provider(authority, {"AUTH": "235 ok"})
    assert at_provider(tmp_path, authority, hop, user, password) is None
    assert hop.connections == 0


@pytest.mark.parametrize(
    ("door", "relay"),
    [
        ({"passwords": "relay"}, None),
        ({"passwords": "relay"}, {"host": "127.0.0.1", "protocol": "lmtp"}),
    ],
)
def test_without_a_provider_the_gateway_does_not_start(tmp_path, door, relay):
    with pytest.raises(Misconfigured, match=r"relay\.default"):
        built(tmp_path, door, relay)


def test_a_file_beside_a_directory_has_no_passwords(tmp_path):
    path = tmp_path / "u.yaml"
    one = {"user": "a", "password": "$argon2id$x", "senders": ["a@b.fr"]}
    path.write_text(yaml.safe_dump([one]))
    with pytest.raises(Misconfigured, match="senders, user"):
        built(tmp_path, {"passwords": "relay", "users": str(path)}, {"host": "127.0.0.1"})
