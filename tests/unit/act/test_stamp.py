"""What goes in front of mail that we wrote or changed, and what never does."""

import dkim
import pytest

from gateway.act import header
from gateway.act.sign import Signer
from gateway.act.stamp import Sealer, Stamp
from gateway.act.verify import Unanswered
from gateway.errors import Temporary
from tests.makers import sealing, signing

US = signing.made("rsa", "ch.example", "r1")
ED = signing.made("ed25519")
LIST = signing.made("rsa", "liste.example", "l1")
RECORDS = signing.records(US, ED, LIST)
COVERAGE = b"X-Vaguemestre-Coverage: whole\r\n"


class Dns:
    """A resolver that knows the records above, or nothing any more."""

    def __init__(self, silent=False):
        self.silent, self.asked = silent, []

    def for_one_mail(self):
        return self.lookup

    def lookup(self, name):
        self.asked.append(name)
        if self.silent:
            raise Unanswered
        return RECORDS.get(name)


def stamp(dns=None, signer=None):
    sealer = Sealer(dns, "ch.example", "gw.ch.example", lambda: 1_700_000_000.0)
    return Stamp(signer or signing.signer(US, ED), sealer if dns else None)


def names(fields):
    return [name.decode() for name, _ in header.read(fields).fields]


def judged(message):
    def known(name, timeout=5):
        return RECORDS.get(name.rstrip(b"."))

    return dkim.verify(message, dnsfunc=known), dkim.arc_verify(message, dnsfunc=known)[0]


def changed(message, dns=None, **given):
    return stamp(dns, **given).on_changed(COVERAGE, sealing.mail(message))


def test_a_changed_mail_is_signed_and_sealed_and_both_verify():
    dns = Dns()
    message = signing.signer(LIST).sign(sealing.message(), "liste.example")
    added = changed(message, dns)
    assert names(added) == [
        "arc-seal",
        "arc-message-signature",
        "arc-authentication-results",
        "dkim-signature",
        "dkim-signature",
        "x-vaguemestre-coverage",
    ]
    assert judged(added + message) == (True, b"pass")
    less = added.replace(b"DKIM-Signature: v=1; a=rsa", b"X-Gone: v=1; a=rsa")
    assert judged(less + message)[1] == b"fail", "the seal is over our signatures"
    assert b"i=1; gw.ch.example;\r\n dkim=pass header.d=liste.example" in added
    assert b"arc=none" in added


def test_a_chain_that_came_in_grows():
    dns = Dns()
    once = changed(sealing.message(), dns) + sealing.message()
    twice = changed(once, dns) + once
    assert judged(twice) == (True, b"pass")
    assert b"ARC-Seal: i=2; cv=pass;" in twice


def test_what_we_wrote_anew_begins_a_chain_and_says_what_the_original_was_worth():
    dns = Dns()
    original = changed(sealing.message(), dns) + sealing.message()
    written = sealing.message("Subject: Message chiffre", text="-----\r\n")
    out = stamp(dns).on_written(written, "ch.example", original)
    assert out.endswith(written)
    assert judged(out) == (True, b"pass")
    assert b"ARC-Seal: i=1; cv=none;" in out
    assert b"dkim=pass header.d=ch.example header.s=r1" in out
    assert b"arc=pass" in out


NUMBER = b"285097599999837"  # as long as a NIR


@pytest.mark.parametrize(
    "claim",
    [
        b"d=ch.example; s=" + NUMBER,
        b"d=" + NUMBER + b".example; s=r1",
        b"d=ch.example; l=1; s=" + NUMBER,
    ],
)
def test_names_that_a_sender_wrote_do_not_stand_outside_what_was_written_anew(claim):
    wrong = b"DKIM-Signature: v=1; a=rsa-sha256; h=from; bh=AAAA; b=AAAA; " + claim + b"\r\n"
    written = sealing.message("Subject: Message chiffre", text="-----\r\n")
    out = stamp(Dns()).on_written(written, "ch.example", wrong + sealing.message())
    assert NUMBER not in out
    assert b"ARC-Authentication-Results: i=1; gw.ch.example;\r\n dkim=" in out
    assert NUMBER in changed(wrong + sealing.message(), Dns()), "there the field itself stands"


def test_without_a_resolver_there_is_no_seal():
    assert names(changed(sealing.message())) == [
        "dkim-signature",
        "dkim-signature",
        "x-vaguemestre-coverage",
    ]


def test_without_an_answer_a_chain_is_left_as_it_is_and_the_mail_goes_on():
    once = changed(sealing.message(), Dns()) + sealing.message()
    added = changed(once, Dns(silent=True))
    assert "arc-seal" not in names(added)
    assert judged(added + once)[0]


def test_without_an_answer_a_mail_without_a_chain_is_sealed_and_nothing_claimed():
    message = signing.signer(LIST).sign(sealing.message(), "liste.example")
    added = changed(message, Dns(silent=True))
    assert b"dkim=temperror header.d=liste.example" in added
    assert b"ARC-Seal: i=1; cv=none;" in added


def test_without_any_key_the_field_alone_is_added_and_dns_is_not_asked():
    dns = Dns()
    assert changed(sealing.message(), signer=Signer(())) == COVERAGE
    assert changed(sealing.message(), dns, signer=Signer(())) == COVERAGE
    assert dns.asked == []


@pytest.mark.parametrize(
    "message",
    [
        b"no field at all\r\n\r\nA\r\n",
        b"From: a@ch.example\r\nFrom: b@mail.example\r\nSubject: x\r\n\r\nA\r\n",
        b"Subject: nobody\r\n\r\nA\r\n",
        b"From: a@ch.example\r\nSubject: x\n y\r\n\r\nA\r\n",
        b"From: a@ch.example\r\n" + b"To: b@x.example\r\n" * 300 + b"\r\nA\r\n",
        b"From: a@ch.example\r\nX: " + b"y" * 300_000 + b"\r\n\r\nA\r\n",
    ],
)
def test_a_mail_that_no_signature_would_hold_for_goes_as_it_came(message):
    """Nothing is added, so nothing must be signed; and it is not stopped."""
    assert changed(message, Dns()) == b""


def test_another_domains_mail_is_sealed_and_not_signed():
    message = sealing.message("From: x@mail.example")
    assert names(changed(message, Dns()))[3:] == ["x-vaguemestre-coverage"]


def test_what_we_wrote_is_never_sent_unsigned():
    with pytest.raises(Temporary):
        stamp(Dns()).on_written(b"no field\r\n\r\n", "ch.example", sealing.message())
