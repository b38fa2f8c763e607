import pytest

from gateway.receive.origin import (
    Claim,
    Networks,
    address_of,
    claimed,
    spoken_name,
    xforward_ident,
)
from gateway.receive.wording import Refusal

LOCAL = Networks(["127.0.0.0/8", "::1/128", "192.0.2.5"])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.0.2.5", "::ffff:127.0.0.1", ""])
def test_a_client_of_the_listed_networks_may_relay(address):
    assert LOCAL.allow(address)


@pytest.mark.parametrize(
    "address", ["192.0.2.6", "8.8.8.8", "::2", "::ffff:8.8.8.8", "fe80::1%eth0"]
)
def test_nobody_else_may(address):
    assert not LOCAL.allow(address)


def test_an_empty_list_lets_only_the_unix_socket_in():
    assert not Networks([]).allow("127.0.0.1")
    assert Networks([]).allow("")


def test_the_peer_of_a_unix_socket_has_no_address():
    assert address_of("") == ("", 0)
    assert address_of(("::1", 25, 0, 0)) == ("::1", 25)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mx.exemple.example", "mx.exemple.example"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("poste_12", "poste_12"),
        ("a (comment)", ""),
        ("a;b", ""),
        ("é", ""),
        ("x" * 300, ""),
    ],
)
def test_only_what_looks_like_a_host_is_repeated_in_received(said, kept):
    assert spoken_name(said) == kept


def test_xforward_gives_the_queue_id_decoded():
    said = "NAME=client.example ADDR=192.0.2.1 PORT=4711 PROTO=ESMTP HELO=x SOURCE=REMOTE"
    assert xforward_ident(said) is None
    assert xforward_ident(said + " ident=4XYZ+2DAB") == "4XYZ-AB"
    assert xforward_ident("IDENT=[UNAVAILABLE]") == ""


@pytest.mark.parametrize("said", ["IDENT", "FOO=bar", "NAME=a FOO"])
def test_an_unknown_xforward_attribute_is_refused(said):
    with pytest.raises(Refusal):
        xforward_ident(said)


@pytest.mark.parametrize(
    ("said", "claim"),
    [
        ("ADDR=192.0.2.1 PORT=4711", Claim("192.0.2.1", 4711)),
        ("addr=IPV6:2001:DB8::1 helo=pc.example", Claim("2001:db8::1", 0, "pc.example")),
        ("ADDR=2001:db8::1", Claim("2001:db8::1")),
        ("ADDR=IPV6:::ffff:192.0.2.1", Claim("192.0.2.1")),
        ("ADDR=[UNAVAILABLE] PORT=[unavailable] NAME=[TEMPUNAVAIL]", Claim()),
        ("NAME=spike.example PROTO=ESMTP LOGIN=jean+2Bdupont DESTADDR=::1 DESTPORT=25", Claim()),
        ("HELO=+3Cscript+3E", Claim()),
        ("ADDR=192.0.2.1 ADDR=192.0.2.2", Claim("192.0.2.2")),
    ],
)
def test_xclient_says_who_speaks(said, claim):
    assert claimed(said) == claim


@pytest.mark.parametrize(
    "said",
    [
        *("", "ADDR", "FOO=1", "ADDR=localhost", "ADDR=192.0.2.1:25", "ADDR=fe80::1%lo"),
        *("ADDR=+0D+0A", "ADDR=192.0.2.0/24", "PORT=65536", "PORT=-1", "PORT=٣", "PROTO=LMTP2"),
        "DESTADDR=x",
    ],
)
def test_what_xclient_cannot_mean_is_refused(said):
    with pytest.raises(Refusal) as refusal:
        claimed(said)
    assert refusal.value.reply.code == 501
