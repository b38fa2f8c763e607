import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.receive.path import split_parameters, split_path
from gateway.receive.wording import Refusal

GOOD = [
    ("<a@b.fr>", "a@b.fr", ""),
    ("<a@b.fr> SIZE=12 BODY=8BITMIME", "a@b.fr", "SIZE=12 BODY=8BITMIME"),
    ("<a@b.fr>   ", "a@b.fr", ""),
    ("<O'Brien+x=y/z!@b.fr>", "O'Brien+x=y/z!@b.fr", ""),
    ("<a..b.@docomo.example>", "a..b.@docomo.example", ""),
    ("<a@localhost>", "a@localhost", ""),
    ("<root>", "root", ""),
    ("<Postmaster> RET=FULL", "Postmaster", "RET=FULL"),
    ("<a@[192.0.2.1]>", "a@[192.0.2.1]", ""),
    ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", ""),
    ('<"a b"@c.fr>', '"a b"@c.fr', ""),
    ('<"a>b@c\\"d"@e.fr> RET=FULL', '"a>b@c\\"d"@e.fr', "RET=FULL"),
    ("<@x.fr,@y.fr:a@b.fr>", "a@b.fr", ""),
    ('<@x.fr:"a:b"@b.fr>', '"a:b"@b.fr', ""),
    ("<andré@café.fr>", "andré@café.fr", ""),
    ("<用户@例子.example>", "用户@例子.example", ""),
]


@pytest.mark.parametrize(("text", "address", "rest"), GOOD)
def test_a_path_gives_its_address_as_written_and_what_follows(text, address, rest):
    for sender in (True, False):
        assert split_path(text, sender=sender) == (address, rest)


BAD = [
    ("a@b.fr", "no brackets"),
    ("<a@b.fr", "no closing bracket"),
    ("<@x.fr:a>", "no domain behind a route"),
    ('<"a b">', "quotes without a domain: no user of a machine is called so"),
    ("<andré>", "no domain, and not ASCII"),
    ("<@b.fr>", "no local part"),
    ("<a@>", "no domain"),
    ("<a b@c.fr>", "a space outside quotes"),
    ("<a@b.fr>SIZE=3", "no space before the parameters"),
    ("<a@b@c.fr>", "two at signs"),
    ("<a@b.fr,c@d.fr>", "two addresses"),
    ("<a\r@b.fr>", "a bare CR could make a line of the next hop"),
    ("<a@b.fr\x00>", "NUL ends strings elsewhere"),
    ('<"a\r\nRCPT"@b.fr>', "a line end inside quotes"),
    ('<"a"b@c.fr>', "quotes around a half"),
    ("<a@b.fr.>", "a dot at the end"),
    ("<a@-b.fr>", "a hyphen first"),
    ("<a@[192.0.2.1>", "a literal left open"),
    ("<<a@b.fr>>", "brackets twice"),
    ("<" + "a" * 600 + "@b.fr>", "longer than any address"),
    ("", "nothing"),
    ("Jean <a@b.fr>", "a display name"),
]


@pytest.mark.parametrize(("text", "why"), BAD)
def test_what_is_no_path_is_refused(text, why):
    for sender in (True, False):
        with pytest.raises(Refusal):
            split_path(text, sender=sender)


def test_the_null_path_is_a_sender_alone():
    assert split_path("<>", sender=True) == ("", "")
    with pytest.raises(Refusal):
        split_path("<>", sender=False)


def test_the_refusal_names_the_side_and_never_quotes_the_address():
    for sender, enhanced in ((True, "5.1.7"), (False, "5.1.3")):
        with pytest.raises(Refusal) as refusal:
            split_path("<279019999912345 @b.fr>", sender=sender)
        assert refusal.value.reply.enhanced == enhanced
        assert "2790" not in str(refusal.value.reply) + repr(refusal.value)


atoms = st.from_regex(r"[\w.!#$%&'*+/=?^`{|}~-]{1,40}", fullmatch=True)
quoted = st.from_regex(r'"([^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f]){0,20}"', fullmatch=True)
domains = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,30}[a-z0-9])?", fullmatch=True)
routes = st.from_regex(r"(@[a-z.]{1,9},){0,2}@[a-z.]{1,9}:", fullmatch=True) | st.just("")


@given(atoms | quoted, domains, routes, st.sampled_from(["", "SIZE=1", "RET=FULL ENVID=x"]))
def test_any_path_comes_apart_into_what_it_was_made_of(local, domain, route, rest):
    text = f"<{route}{local}@{domain}>" + (f" {rest}" if rest else "")
    assert split_path(text, sender=True) == (f"{local}@{domain}", rest)


@given(st.text(max_size=60))
def test_no_text_gives_an_address_with_a_control_or_breaks_anything(text):
    try:
        address, _ = split_path(text, sender=False)
    except Refusal:
        return
    assert all(ord(c) >= 32 and c != "\x7f" for c in address)


def test_parameters_come_with_their_keyword_in_capitals_and_as_received():
    assert split_parameters("size=12 SMTPUTF8  Ret=hdrs AUTH=<>") == [
        ("SIZE", "12", "size=12"),
        ("SMTPUTF8", "", "SMTPUTF8"),
        ("RET", "hdrs", "Ret=hdrs"),
        ("AUTH", "<>", "AUTH=<>"),
    ]


@pytest.mark.parametrize("text", ["SIZE=", "SIZE==3", "SIZE=1 size=2", "ENVID=a\x01b"])
def test_ill_formed_parameters_are_refused(text):
    with pytest.raises(Refusal) as refusal:
        split_parameters(text)
    assert refusal.value.reply.code == 501
