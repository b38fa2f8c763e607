"""What is said of the signatures that a mail came with."""

import base64
import time

import dkim
import pytest
from cryptography.hazmat.primitives import serialization

from gateway.act import header, sign, verify
from gateway.act.signature import MAX_BITS, key_of, tags_of
from gateway.act.verify import MAX_SIGNATURES, Content, Result, Unanswered, dkim_results
from tests.makers import sealing, signing

PASS = [Result(b"pass", b"ch.example", b"r1"), Result(b"pass", b"ch.example", b"e1")]
SIGNED = signing.signer().sign(sealing.message(), "ch.example")


def content(message):
    head, body = header.split(message)
    return Content(header.read(head).fields, body, {})


def results(message, records=None):
    asked = []

    def lookup(name):
        asked.append(name)
        return (signing.records() if records is None else records).get(name)

    return dkim_results(content(message), lookup)


def said(message, records=None):
    return [one.result for one in results(message, records)]


@pytest.mark.parametrize("shape", signing.ODD_SHAPES)
def test_what_we_sign_is_found_right(shape):
    assert results(signing.signer().sign(signing.ODD_SHAPES[shape], "ch.example")) == PASS


@pytest.mark.parametrize("shape", signing.ODD_SHAPES)
@pytest.mark.parametrize("form", ["relaxed/relaxed", "simple/simple", "relaxed/simple"])
def test_what_another_library_signs_is_found_right(shape, form):
    head, body = (one.encode() for one in form.split("/"))
    pem = sealing.rsa_key("r1").private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    message = signing.ODD_SHAPES[shape]
    field = dkim.sign(message, b"s9", b"ch.example", pem, canonicalize=(head, body))
    public = sealing.rsa_key("r1").public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; p=" + base64.b64encode(der)
    assert said(field + message, {b"s9._domainkey.ch.example": record}) == [b"pass"]
    assert said(field + message + b"x\r\n", {b"s9._domainkey.ch.example": record}) == [b"fail"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (b"Subject: ", b"Subject: x", b"fail"),
        (b"Bonjour", b"bonjour", b"fail"),
        (b"v=1", b"v=2", b"permerror"),
        (b"v=1; ", b"", b"permerror"),
        (b"a=rsa-sha256", b"a=rsa-sha1", b"policy"),
        (b"v=1;", b"v=1; l=3;", b"policy"),
        (b"v=1;", b"v=1; x=12;", b"fail"),
        (b"v=1;", b"v=1; v=1;", b"permerror"),
        (b"v=1;", b"v=1; i=a@mail.example;", b"permerror"),
        (b"v=1;", b"v=1; i=a@autrech.example;", b"permerror"),
        (b"h=from:from:", b"h=", b"permerror"),
        (b"c=relaxed/simple", b"c=nofws", b"permerror"),
        (b"d=ch.example", b"d=ch.example\xc3\xa9", b"permerror"),
        (b"s=r1", b"s=r1@x", b"permerror"),
        (b"bh=", b"bh=*", b"permerror"),
        (b"DKIM-Signature: ", b"DKIM-Signature: \r\n\t ;;", b"permerror"),
    ],
)
def test_what_is_wrong_has_its_word(before, after, told):
    assert said(SIGNED.replace(before, after, 1))[0] == told


def test_broken_base64_in_a_signature_is_no_signature():
    assert said(SIGNED.replace(b" b=", b" b=*", 1))[0] == b"permerror"


@pytest.mark.parametrize(
    "record",
    [
        b"v=DKIM1; p=",  # revoked
        b"v=DKIM1; p=not base64!",
        b"v=DKIM1; p=AAAA",
        b"v=DKIM2; p=" + signing.made("rsa").public.encode(),
        b"v=DKIM1; k=ed25519; p=" + signing.made("rsa").public.encode(),
        b"v=DKIM1; h=sha1; p=" + signing.made("rsa").public.encode(),
        b"v=DKIM1; s=tlsrpt; p=" + signing.made("rsa").public.encode(),
        b"no record",
        b"x" * 100_000,
        b"",
    ],
)
def test_a_record_that_is_no_key_verifies_nothing(record):
    assert said(SIGNED, {b"r1._domainkey.ch.example": record})[0] == b"permerror"


def test_a_record_of_another_algorithm_does_not_serve():
    """A signature names an algorithm, a record a key: both must fit."""
    made = signing.made("ed25519")
    record = {b"r1._domainkey.ch.example": made.record.encode()}
    assert said(SIGNED, record)[0] == b"fail"


@pytest.mark.parametrize(("bits", "good"), [(512, False), (1024, True), (MAX_BITS * 2, False)])
def test_a_key_too_short_or_made_to_cost_is_none(bits, good):
    if bits < 1024:
        der = base64.b64decode(  # 512 bits: `cryptography` makes none any more
            "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKNvZ2Jm1p1r0p1mDqQbYvJ2pQqJ4gqBv0JrQWc0yZqKcQm0"
            "m3ZrV1k0pQf3uT1oVYk2Zr6vO0Z7b9qv8xk3p2sCAwEAAQ=="
        )
    else:
        public = (sealing.rsa_key("bits", bits) if bits < 5000 else _Big()).public_key()
        der = public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    assert (key_of(b"v=DKIM1; p=" + base64.b64encode(der)) is not None) == good


class _Big:
    """Of 8192 bits, without the seconds to find its primes: only the size is looked at."""

    def public_key(self):
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

        return RSAPublicNumbers(65537, (1 << (MAX_BITS * 2 - 1)) | 1).public_key()


def test_a_signature_by_a_key_of_another_algorithm_than_it_claims_is_wrong():
    key, fields = signing.loaded(signing.made("rsa")), content(sealing.message()).fields
    tags = b"v=1; a=%b; c=relaxed/simple; d=ch.example; s=r1"
    hashed = content(sealing.message()).body_hash(b"simple")
    for claimed, told in ((b"rsa-sha256", b"pass"), (b"ed25519-sha256", b"fail")):
        field = sign.signed(b"DKIM-Signature", tags % claimed, fields, [b"from"], hashed, key)
        assert said(field + sealing.message()) == [told]


def test_a_key_for_its_domain_alone_signs_for_none_below():
    record = {b"r1._domainkey.ch.example": signing.made("rsa").record.encode() + b"; t=y:s"}
    assert said(SIGNED, record)[0] == b"pass"
    assert key_of(next(iter(record.values())), whole=False) is None


def test_without_an_answer_nothing_is_concluded():
    def silent(name):
        raise Unanswered

    assert [one.result for one in dkim_results(content(SIGNED), silent)] == [b"temperror"] * 2


def test_few_of_ten_thousand_signatures_are_looked_at():
    field = SIGNED[: SIGNED.index(b"DKIM-Signature", 5)]
    started = time.process_time()
    assert len(results(field * 300 + sealing.message())) == MAX_SIGNATURES
    many = header.read(field * 10_000 + sealing.message())
    assert many.odd
    assert time.process_time() - started < 30


@pytest.mark.parametrize("value", [b"", b";", b"a", b"=b", b"a=1;;b=2", b"a=1;a=2", b"a b=1"])
def test_what_is_no_list_of_tags(value):
    assert tags_of(value) is None


def test_a_list_without_end_is_none():
    assert tags_of(b"; ".join(b"t%d=1" % n for n in range(10_000))) is None


@pytest.mark.parametrize("name", [b"", b"a..b", b"a;b", b"a\r\nb", b"a" * 300, b"a b", b"*"])
def test_what_is_asked_of_dns_is_a_name(name):
    assert not verify.is_name(name)
