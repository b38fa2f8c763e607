"""ARC: our sets, verified by dkimpy; chains of others, right and wrong."""

import dkim
import pytest

from gateway.act import arc, canonical, header
from gateway.act.arc import MAX_INSTANCE, Chain
from gateway.act.signature import folded_base64, sign, tags_of
from gateway.act.verify import Content, Result, Unanswered, header_signature
from tests.makers import sealing, signing

US = signing.made("rsa", "ch.example", "r1")
LIST = signing.made("rsa", "liste.example", "l1")
RECORDS = signing.records(US, LIST)
NONE = Chain(b"none")
SEALED_AT = 1_700_000_000  # dkimpy takes no signature of the future
RESULTS = b"gw.ch.example; dkim=pass header.d=ch.example; arc=none"


def chain(message, lookup=RECORDS.get):
    head, body = header.split(message)
    return arc.chain_of(Content(header.read(head).fields, body, {}), lookup)


def sealed(message=None, *, by=US, times=1, lookup=RECORDS.get):
    """Sealed over and over, each time with the chain as it then is."""
    message = sealing.message() if message is None else message
    for _ in range(times):
        found = chain(message, lookup)
        message = arc.seal(message, found, RESULTS, signing.loaded(by), SEALED_AT) + message
    return message


def judged(message):
    """By dkimpy: "none", "pass" or "fail"."""
    return dkim.arc_verify(message, dnsfunc=lambda name, timeout=5: RECORDS.get(name.rstrip(b".")))[
        0
    ]


@pytest.mark.parametrize("shape", signing.ODD_SHAPES)
def test_what_we_seal_another_library_verifies(shape):
    message = sealed(signing.ODD_SHAPES[shape])
    assert judged(message) == b"pass"
    assert chain(message).state == b"pass"
    assert judged(message.replace(b"Message-ID: <", b"Message-ID: <x")) == b"fail"


def test_a_chain_grows_set_by_set_whoever_seals():
    message = sealed(sealed(times=2), by=LIST, times=2)
    assert judged(message) == b"pass"
    assert (chain(message).state, chain(message).last) == (b"pass", 4)
    assert [f"i={n};".encode() in message for n in (1, 2, 3, 4, 5)] == [True] * 4 + [False]


def test_our_own_signature_is_under_the_seal():
    message = sealed(signing.signer(US).sign(sealing.message(), "ch.example"))
    assert judged(message) == b"pass"
    assert judged(message.replace(b"DKIM-Signature: v=1", b"DKIM-Signature: v=2")) == b"fail"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Bonjour", b"bonjour"),
        (b"Subject: ", b"Subject: x"),
        (b"dkim=pass", b"dkim=fail"),
        (b"cv=pass", b"cv=none"),
        (b"cv=none", b"cv=pass"),
        (b"ARC-Authentication-Results: i=2", b"ARC-Authentication-Results: i=3"),
        (b"ARC-Authentication-Results: i=2", b"X-Gone: i=2"),
        (b"ARC-Seal: i=2", b"ARC-Seal: i=1"),
        (b"ARC-Seal: i=2", b"ARC-Seal: i=0"),
        (b"ARC-Seal: i=2", b"ARC-Seal: i=02"),
        (b"ARC-Seal: i=2", b"ARC-Seal: i=\xc2\xb2"),
        (b"ARC-Seal: i=2;", b"ARC-Seal: i=2; h=from;"),
        (b"ARC-Seal: i=2;", b"ARC-Seal:"),
        (b"s=r1", b"s=elsewhere"),
        (b"From: ", b"From: <x@mail.example>\r\nFrom: "),
    ],
)
def test_a_chain_that_was_tampered_with_fails_and_is_sealed_as_failed(before, after):
    whole = sealed(times=2)
    assert before in whole
    message = whole.replace(before, after, 1)
    found = chain(message)
    assert found.state == b"fail"
    assert judged(message) == b"fail"
    if found.sealable:
        again = sealed(message)
        assert b"cv=fail" in again
        assert chain(again).state == b"ended"
        assert judged(again) in (None, b"fail"), "None: ended, as dkimpy says it"
        assert sealed(again) == again, "nothing is put on a chain that has ended"


def sets_of(message):
    """Each as (results, signature of the mail, seal), the oldest first."""
    fields = [raw for name, raw in header.read(header.split(message)[0]).fields if b"arc-" in name]
    return [tuple(reversed(fields[at : at + 3])) for at in range(len(fields) - 3, -1, -3)]


def seal_signs(sets):
    """Whether the last one's seal is over these sets (RFC 8617, 5.1.1)."""
    *before, seal = [raw for one in sets for raw in one]
    data = b"".join(map(canonical.relaxed_field, before))
    data += canonical.signed_data((), (), seal, b"relaxed")
    return header_signature(data, tags_of(seal.partition(b":")[2]), RECORDS.get) == b"pass"


def test_a_seal_is_over_all_sets_and_that_of_a_failed_chain_over_its_own_alone():
    """RFC 8617, 5.1.2: so anybody can verify it, whatever the disorder below."""
    sound = sets_of(sealed(times=2))
    assert seal_signs(sound)
    assert not seal_signs(sound[1:])
    failed = sets_of(sealed(sealed().replace(b"Bonjour", b"bonjour")))
    assert seal_signs(failed[1:])
    assert not seal_signs(failed)


def test_a_chain_that_says_what_it_may_not_fails_however_well_it_is_signed():
    once = sealed()
    forgetful = Chain(b"none", 1, sets_of(once))  # the second says that there was no first
    twice = arc.seal(once, forgetful, RESULTS, signing.loaded(US), SEALED_AT) + once
    assert seal_signs(sets_of(twice))
    assert chain(twice).state == b"fail"
    assert judged(twice) == b"fail"


def test_a_seal_with_a_list_of_fields_fails_however_well_it_is_signed():
    results, message, seal = sets_of(sealed())[0]
    head = seal[: seal.index(b" b=")].replace(b"i=1;", b"i=1; h=from;") + b" b="
    data = b"".join(map(canonical.relaxed_field, (results, message)))
    data += canonical.signed_data((), (), head + b"\r\n", b"relaxed")
    made = head + folded_base64(sign(signing.loaded(US).private, data)) + b"\r\n"
    assert seal_signs([(results, message, made)])
    assert chain(made + message + results + sealing.message()).state == b"fail"


def test_fifty_sets_are_the_end():
    sets, message = [], sealing.message()
    for number in range(MAX_INSTANCE):
        known = Chain(b"pass", number, sets) if sets else NONE
        added = arc.seal(message, known, RESULTS, signing.loaded(US), SEALED_AT)
        sets.append(tuple(raw for _, raw in reversed(header.read(added).fields)))
        message = added + message
    assert chain(message).state == b"pass"
    assert not chain(message).sealable
    assert sealed(message) == message


@pytest.mark.parametrize("sets", [60, 10_000])
def test_more_sets_than_there_may_be_cost_no_look_up(sets):
    def never(name):
        raise AssertionError("asked")

    one = b"".join(raw for _, raw in header.read(header.split(sealed())[0]).fields[:3])
    several = b"".join(one.replace(b"i=1", b"i=%d" % (n % 99 + 1)) for n in range(min(sets, 250)))
    found = chain(several + sealing.message(), never)
    assert (found.state, found.sealable) == (b"fail", False)


def test_an_unanswered_question_leaves_the_chain_as_it_is():
    def silent(name):
        raise Unanswered

    message = sealed()
    assert chain(message, silent).state == b"temperror"
    assert sealed(message, lookup=silent) == message


def test_a_key_is_asked_for_once_a_look_up_and_no_more_than_there_are_sets():
    asked = []

    def lookup(name):
        asked.append(name)
        return RECORDS.get(name)

    chain(sealed(times=5), lookup)
    assert len(asked) == 6  # the newest signature, five seals


def test_ed25519_seals_nothing():
    """RFC 8617 knows one algorithm."""
    key = signing.loaded(signing.made("ed25519"))
    assert arc.seal(sealing.message(), NONE, RESULTS, key, 0) == b""


def test_a_header_in_disorder_is_not_sealed():
    assert arc.seal(b"no field\r\n\r\nA\r\n", NONE, RESULTS, signing.loaded(US), 0) == b""


def test_what_was_found_is_said_without_an_address():
    found = [Result(b"pass", b"ch.example", b"r1"), Result(b"permerror")]
    assert arc.results_field("gw.ch.example", found, Chain(b"ended", 3)) == (
        b"gw.ch.example;\r\n dkim=pass header.d=ch.example header.s=r1;\r\n dkim=permerror;\r\n"
        b" arc=fail"
    )
    assert (
        arc.results_field("gw.ch.example", [], NONE)
        == b"gw.ch.example;\r\n dkim=none;\r\n arc=none"
    )
