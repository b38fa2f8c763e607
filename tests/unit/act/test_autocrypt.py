"""Autocrypt: a correspondent's key, where his own domain answers for it."""

from __future__ import annotations

import base64
import textwrap

import dkim
import pytest

from gateway.act import autocrypt
from gateway.act.verify import Unanswered
from tests.makers import openpgp as keys
from tests.makers import sealing
from tests.unit.act.test_sign import record

MARIE = "marie@cabinet.example"
KEY = bytes(keys.public(MARIE))
COVERED = [b"from", b"to", b"subject", b"date", b"autocrypt"]


def field(address=MARIE, key=KEY, more=""):
    data = textwrap.fill(base64.b64encode(key).decode(), 70)
    return f"Autocrypt: addr={address}; {more}keydata=\n {data}".replace("\n", "\r\n ")


def mail(*fields, covered=COVERED, domain="cabinet.example", author=f"Marie <{MARIE}>"):
    content = sealing.message(f"From: {author}", "To: helene@ch.example", *fields)
    if domain:
        private = sealing.pem(sealing.rsa_key("dkim"))
        signature = dkim.sign(content, b"s1", domain.encode(), private, include_headers=covered)
        content = signature + content
    return sealing.mail(content, to=("helene@ch.example",), sender=MARIE)


def brought(a_mail, answer=record):
    return autocrypt.brought(a_mail, lambda name: answer())


def test_the_key_of_the_author_is_taken():
    assert brought(mail(field())) == (MARIE, KEY)
    assert brought(mail(field(more="prefer-encrypt=mutual; _x=1; "))) == (MARIE, KEY)


def test_a_mail_without_the_field_costs_nothing():
    assert autocrypt.may_be(mail(field()).content)
    assert not autocrypt.may_be(mail().content)
    assert not autocrypt.may_be(sealing.message(text="\r\nAutocrypt: addr=x\r\n"))


@pytest.mark.parametrize(
    "a_mail",
    [
        pytest.param(mail(field(), domain=""), id="no signature"),
        pytest.param(mail(field(), domain="other.example"), id="somebody else's signature"),
        pytest.param(mail(field(), covered=COVERED[:-1]), id="a signature not over the field"),
        pytest.param(mail(field(), covered=[b"from", b"autocrypt"]), id="nor over the date"),
        pytest.param(mail(field(), "Date: Mon, 9 Nov 2026 14:31:00 +0100"), id="of long ago"),
        pytest.param(mail(field(), "Date: Mon, 7 Dec 2026 14:31:00 +0100"), id="of next month"),
        pytest.param(mail(field(), "Date: gestern"), id="of no date"),
        pytest.param(mail(field("paul@cabinet.example")), id="another's address"),
        pytest.param(mail(field(more="critical=1; ")), id="an attribute one must know"),
        pytest.param(mail(field(more="addr=x@x.example; ")), id="an attribute twice"),
        pytest.param(mail(field(), field()), id="two fields"),
        pytest.param(mail(field(key=b"no key")), id="no key"),
        pytest.param(mail(field(key=KEY + KEY)), id="two keys"),
        pytest.param(mail("Autocrypt: addr=marie@cabinet.example; keydata=é"), id="no base64"),
        pytest.param(mail("Autocrypt: " + "x" * 20_000), id="endless"),
        pytest.param(mail("Autocrypt:"), id="empty"),
        pytest.param(mail(field(), author="nobody"), id="no author"),
    ],
)
def test_nothing_is_taken_from(a_mail):
    assert brought(a_mail) == ("", b"")


def test_two_authors_are_none():
    one = mail(field())
    content = b"From: eve@mail.example\r\n" + one.content
    assert brought(sealing.mail(content, sender=MARIE)) == ("", b"")


def test_a_changed_key_is_not_taken():
    """The signature is over the field, folds and all."""
    other = field(key=bytes(keys.public("eve@mail.example"))).encode()
    content = mail(field()).content.replace(field().encode(), other)
    assert brought(sealing.mail(content, sender=MARIE)) == ("", b"")


def test_a_field_put_above_one_that_is_signed_but_not_understood_is_not_taken():
    """Somebody sends a mail of hers again, with a key of his own on top."""
    hers = mail(field(more="critical=1; "))
    his = field(key=bytes(keys.public("eve@mail.example"))).encode() + b"\r\n"
    assert brought(sealing.mail(his + hers.content, sender=MARIE)) == ("", b"")


def test_without_an_answer_of_the_dns_nothing_is_taken():
    def silent():
        raise Unanswered

    assert brought(mail(field()), silent) == ("", b"")
