"""Encrypt: the best channel for each, and clear text for nobody."""

import asyncio
import base64
import email
import quopri
import random
import re
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import method, sign
from gateway.act.certificates import Directory
from gateway.act.encrypt import Channels, Encrypt
from gateway.act.notice import Notices
from gateway.act.stamp import Stamp
from gateway.errors import Misconfigured, NoChannel, Temporary
from gateway.model import Disposition, Inspection, Reply, Verdict
from tests.drawing import bare
from tests.makers import sealing

MARIE, PAUL = "marie@cabinet.example", "paul@cabinet.example"  # PAUL has no certificate
LATER = Reply(451, "4.4.1", ("later",))
NEVER = Reply(550, "5.1.1", ("unknown",))


def ours(address):
    return address.endswith("@ch.example")


def finds_identifiers(head):
    """Enough of a detector for these tests: a NIR of one fictitious person."""
    return b"279059999912345" in head


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "marie.pem").write_bytes(sealing.certificate(MARIE))
    return Directory(folder, clock=lambda: sealing.RECEIVED)


def channels(certificates, **changes):
    given = {"certificates": certificates, "pdf": True, "ours": ours, "examine": finds_identifiers}
    return Channels(**(given | changes))


def action(channels, diary, signer=lambda message, domain, original: message, **more):
    letters = Notices(ours=ours, sender="quarantaine@ch.example").pdf_secret
    return Encrypt(channels, diary, diary, signer, letters, draw=bare, **more)


def encrypt(channels, diary, mail, **more):
    verdicts = [Verdict(address, Disposition.ENCRYPT) for address in mail.envelope.addresses]
    return asyncio.run(action(channels, diary, **more)(mail, verdicts, Inspection()))


def kind(sent):
    content = email.message_from_bytes(sent[2])
    return content.get_content_type()


def test_a_certificate_comes_first_and_a_pdf_is_for_the_others(certificates):
    diary = sealing.Diary()
    receipts = encrypt(channels(certificates), diary, sealing.mail(to=(MARIE, PAUL)))
    assert {entry[1].addresses: kind(entry) for entry in diary.sent} == {
        (MARIE,): "application/pkcs7-mime",
        (PAUL,): "multipart/mixed",
    }
    assert [(r.recipient, r.order, r.reply.code, r.detail, r.channel) for r in receipts] == [
        (MARIE, Disposition.ENCRYPT, 250, "hop:25 250", "smime"),
        (PAUL, Disposition.ENCRYPT, 250, "hop:25 250", "pdf"),
    ]


def test_the_envelope_is_kept_and_the_route_is_the_sealed_one(certificates):
    diary = sealing.Diary()
    options = ("BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", "ENVID=x")
    encrypt(channels(certificates), diary, sealing.mail(to=(PAUL,), options=options))
    _, envelope, content, route = diary.sent[0]
    assert envelope.sender == "helene@ch.example"
    assert envelope.options == ("RET=HDRS", "ENVID=x")  # what we write is in seven bits
    assert envelope.recipients[0].options == ("NOTIFY=FAILURE",)
    assert route == "sealed"
    assert content.startswith(sealing.TRACE)
    assert content.count(b"Received:") == 1


def test_an_accented_address_keeps_smtputf8(certificates):
    diary = sealing.Diary()
    mail = sealing.mail(to=("hélène@cabinet.example",), options=("SMTPUTF8",))
    encrypt(channels(certificates), diary, mail)
    assert diary.sent[0][1].options == ("SMTPUTF8",)


def test_the_secret_is_posted_to_the_sender_alone_after_the_mail_and_opens_it(certificates):
    diary = sealing.Diary()
    receipts = encrypt(channels(certificates), diary, sealing.mail(to=(PAUL, MARIE)))
    assert [entry[0] for entry in diary.entries] == ["parked", "sent", "posted", "sent"]
    _, (letter,), remembered, instead_of = diary.posted[0]
    [parked] = diary.entries[0][1]
    assert parked.recipients == letter.recipients
    assert instead_of == (7,)
    assert [r.address for r in letter.recipients] == ["helene@ch.example"]
    assert letter.sender == ""
    assert remembered == tuple(r for r in receipts if r.recipient == PAUL)


def test_only_a_certificate_needs_no_letter(certificates):
    diary = sealing.Diary()
    encrypt(channels(certificates), diary, sealing.mail(to=(MARIE,)))
    assert diary.posted == []


@pytest.mark.parametrize("reply", [LATER, NEVER])
def test_a_refused_document_has_no_secret_to_tell(certificates, reply):
    diary = sealing.Diary(replies={PAUL: reply})
    (receipt,) = encrypt(channels(certificates), diary, sealing.mail(to=(PAUL,)))
    assert receipt.reply == reply
    assert diary.posted == [("posted", (), (), (7,))]  # the parked letter goes nowhere


def test_the_letter_names_those_who_have_the_document(certificates):
    diary = sealing.Diary(replies={"a@cabinet.example": NEVER})
    encrypt(channels(certificates), diary, sealing.mail(to=("a@cabinet.example", PAUL)))
    _, (letter,), remembered, _ = diary.posted[0]
    assert b"paul@cabinet.example" in letter.content
    assert b"a@cabinet.example " not in letter.content
    assert [r.recipient for r in remembered] == [PAUL]


@pytest.mark.parametrize("took", [True, False])
def test_a_secret_goes_to_telephones_once_the_document_is_taken_and_to_the_sender_anyway(
    certificates, took
):
    diary, asked = sealing.Diary(replies={"a@cabinet.example": NEVER}), []

    async def text(recipients, secret):
        asked.append((diary.entries[-1][0], recipients, secret))
        return recipients if took else ()

    encrypt(channels(certificates), diary, sealing.mail(to=("a@cabinet.example", PAUL)), text=text)
    [(before, recipients, secret)] = asked
    assert (before, recipients) == ("sent", (PAUL,))  # whoever refused it needs no secret
    _, (letter,), _, _ = diary.posted[0]
    said = quopri.decodestring(letter.content).decode()
    assert secret in said
    assert ("Un SMS avec le mot de passe" in said) is took


def test_without_a_document_or_a_secret_nobody_is_texted(certificates):
    async def text(recipients, secret):
        raise AssertionError

    encrypt(channels(certificates), sealing.Diary(), sealing.mail(to=(MARIE,)), text=text)
    refused = sealing.Diary(replies={PAUL: NEVER})
    encrypt(channels(certificates), refused, sealing.mail(to=(PAUL,)), text=text)


def test_a_letter_that_cannot_be_kept_defers_all_before_more_is_sent(certificates):
    diary = sealing.Diary(late=OSError("no space left"))
    with pytest.raises(Temporary):
        encrypt(channels(certificates), diary, sealing.mail(to=(MARIE, PAUL)))
    assert len(diary.sent) == 1  # the document; a retry makes another, with another secret
    assert diary.entries[0][0] == "parked"  # it tells this one


@pytest.mark.parametrize("away", [OSError("no space left"), Temporary("store unavailable")])
def test_no_document_leaves_while_its_secret_cannot_be_kept(certificates, away):
    """Each retry would send one more that nobody can open, for as long as the disk is full."""
    diary = sealing.Diary(full=away)
    with pytest.raises(Temporary):
        encrypt(channels(certificates), diary, sealing.mail(to=(MARIE, PAUL)))
    assert diary.entries == []


def test_without_a_channel_nothing_is_sent_and_those_are_named(certificates):
    diary = sealing.Diary()
    with pytest.raises(NoChannel) as none:
        encrypt(channels(certificates, pdf=False), diary, sealing.mail(to=(MARIE, PAUL)))
    assert none.value.recipients == (PAUL,)
    assert diary.entries == []


@pytest.mark.parametrize(
    ("changes", "sender", "recipient", "fits"),
    [
        ({}, "helene@ch.example", MARIE, True),
        ({}, "helene@ch.example", PAUL, True),
        ({"pdf": False}, "helene@ch.example", PAUL, False),
        ({"pdf": False}, "helene@ch.example", MARIE, True),
        ({}, "", PAUL, False),  # a report: nobody to tell the secret
        ({}, "", MARIE, True),
        ({}, "x@mail.example", PAUL, False),  # a forwarded mail: not one of ours
        ({"chain": ("smime",)}, "helene@ch.example", PAUL, False),
        ({"chain": ("pdf",)}, "", MARIE, False),
    ],
)
def test_what_fits_whom(certificates, changes, sender, recipient, fits):
    mail = sealing.mail(sender=sender, to=(recipient,))
    assert channels(certificates, **changes).fits(mail, recipient) is fits


NIR = "279059999912345"


@pytest.mark.parametrize(
    "field",
    [
        f"To: {NIR}@patient.example",
        f"Cc: x@{NIR}.example",
        f"From: {NIR}@ch.example",
    ],
)
def test_an_identifier_left_on_the_outside_fits_nobody(certificates, field):
    mail = sealing.mail(sealing.message(field))
    assert not channels(certificates).fits(mail, MARIE)
    with pytest.raises(NoChannel):
        encrypt(channels(certificates), sealing.Diary(), mail)


def test_a_message_id_that_tells_gets_one_of_ours(certificates):
    """A random one with a number that seems to be somebody's held one mail in a hundred."""
    diary = sealing.Diary()
    mail = sealing.mail(sealing.message(f"Message-ID: <{NIR}@ch.example>"), to=(MARIE,))
    encrypt(channels(certificates), diary, mail)
    [sent] = [entry[2] for entry in diary.entries if entry[0] == "sent"]
    head = sent.partition(b"\r\n\r\n")[0]
    assert NIR.encode() not in head
    assert re.search(rb"Message-ID: <[a-z]{20}@ch\.example>", head)


def test_the_code_of_a_mail_that_reads_like_a_measure_stops_nothing(certificates):
    def finds(head: bytes) -> bool:
        return b"HB33-ZR4D" in head

    mail = sealing.mail(to=(MARIE,))
    mail = replace(mail, id="HB33-ZR4D", trace=b"Received: by x id HB33-ZR4D;\r\n\tMon\r\n")
    assert channels(certificates, examine=finds).fits(mail, MARIE)
    other = replace(mail, trace=b"Received: from HB33-ZR4D.example by x id 7K2F-9QXD\r\n")
    assert not channels(certificates, examine=finds).fits(replace(other, id="7K2F-9QXD"), MARIE)


@pytest.mark.parametrize(
    "field",
    [
        f"Subject: {NIR}",
        f"X-Dossier: {NIR}",
        f"To: {NIR} <marie@cabinet.example>",
        f"Date: Mon, 23 Nov 2026 14:31:00 +0100 ({NIR})",
        f"Bcc: {NIR}@x.example",
    ],
)
def test_an_identifier_that_stays_inside_stops_nothing(certificates, field):
    assert channels(certificates).fits(sealing.mail(sealing.message(field)), MARIE)


def test_the_header_of_a_mail_is_examined_once_however_many_recipients(certificates):
    seen = []
    ways = channels(certificates, examine=lambda head: bool(seen.append(head)))
    mail = sealing.mail(to=tuple(f"a{n}@mail.example" for n in range(50)))
    assert all(ways.fits(mail, address) for address in mail.envelope.addresses)
    assert len(seen) == 1
    assert sealing.TRACE in seen[0]


def test_a_mail_without_an_author_fits_nobody(certificates):
    mail = sealing.mail(sealing.message("From: nobody"), sender="")
    assert not channels(certificates).fits(mail, MARIE)


def test_an_unknown_method_is_refused_at_start(certificates):
    with pytest.raises(Misconfigured, match="carrier-pigeon"):
        channels(certificates, chain=("smime", "carrier-pigeon"))


def test_methods_are_found_by_their_files():
    assert {"smime", "pdf"} <= method.every().keys()


def test_what_is_sent_is_signed_for_the_domain_of_from(certificates):
    diary, domains = sealing.Diary(), []

    def signer(message, domain, original):
        domains.append(domain)
        return b"DKIM-Signature: x\r\n" + message

    encrypt(channels(certificates), diary, sealing.mail(to=(MARIE, PAUL)), signer=signer)
    assert domains == ["ch.example"] * 2
    for _, _, content, _ in diary.sent:
        assert content.startswith(sealing.TRACE + b"DKIM-Signature: x\r\nFrom: ")


def test_without_a_signature_nothing_is_sent(certificates):
    def broken(message, domain, original):
        raise Temporary("DKIM signing failed")

    diary = sealing.Diary()
    with pytest.raises(Temporary):
        encrypt(channels(certificates), diary, sealing.mail(), signer=broken)
    assert diary.entries == []


def test_sealing_leaves_the_loop_free(certificates):
    threads = []

    def signer(message, domain, original):
        threads.append(threading.current_thread())
        return message

    encrypt(channels(certificates), sealing.Diary(), sealing.mail(), signer=signer)
    assert threads[0] is not threading.main_thread()


@pytest.mark.slow
def test_25_megabytes_are_sealed_both_ways(certificates):
    diary = sealing.Diary()
    content = sealing.message(files=(("grand.bin", bytes(18_000_000)),))
    key = sign.DkimKey("ch.example", "s1", sealing.pem(sealing.rsa_key("dkim")))
    mail = sealing.mail(content, to=(MARIE, PAUL))
    receipts = encrypt(
        channels(certificates), diary, mail, signer=Stamp(sign.Signer([key])).on_written
    )
    assert [r.reply.code for r in receipts] == [250, 250]
    assert len(content) > 24_000_000


# Never clear text: words that a message can hold anywhere, and every configuration.

SECRET = "confidentialword"
HEADS = st.lists(
    st.sampled_from(
        [
            f"Subject: {SECRET}",
            f"From: {SECRET} <helene@ch.example>",
            f'To: "{SECRET}" <marie@cabinet.example>',
            f"To: marie@cabinet.example ({SECRET})",
            f'To: "{SECRET} a"@cabinet.example',
            f"Cc: {SECRET}",
            f"X-Note: {SECRET}",
            f"Comments: {SECRET}",
            f"Message-ID: {SECRET}",
            f"Date: {SECRET}",
            f"Date: Mon, 23 Nov 2026 14:31:00 +0100 ({SECRET})",
            f"Received: from x ({SECRET})",
            f"In-Reply-To: <{SECRET}@x.example>",
            f"{SECRET}: x",
            f"{SECRET}",
            f"Content-Type: text/plain; name={SECRET}",
        ]
    ),
    unique_by=lambda field: field.partition(":")[0],
    max_size=5,
)
CONFIGURATIONS = st.fixed_dictionaries(
    {
        "pdf": st.booleans(),
        "chain": st.lists(st.sampled_from(["smime", "pdf"]), unique=True).map(tuple),
        "organisation": st.sampled_from(["", "Le CH d'Exemple"]),
    }
)


def traces(data):
    """How some bytes would look in a mail: as they are, in UTF-16, in base64 at any offset."""
    yield data
    yield quopri.encodestring(data, quotetabs=True)
    yield b"\0".join(data[i : i + 1] for i in range(len(data)))
    for before in range(3):
        yield base64.b64encode(bytes(before) + data)[4:-4]  # the ends depend on the neighbours


@settings(max_examples=300, deadline=None)
@given(
    fields=HEADS,
    configuration=CONFIGURATIONS,
    to=st.lists(st.sampled_from([MARIE, PAUL, "eve@mail.example"]), min_size=1, unique=True),
    sender=st.sampled_from(["helene@ch.example", "", "x@mail.example"]),
    seed=st.integers(0, 2**32),  # drawn bytes might repeat a fixed text of ours
    known=st.booleans(),
    reply=st.sampled_from([Reply(250, "2.0.0", ("Ok",)), LATER, NEVER]),
)
def test_no_clear_byte_ever_reaches_the_next_hop(
    certificates, fields, configuration, to, sender, seed, known, reply
):
    directory = certificates if known else Directory(None)
    payload = random.Random(seed).randbytes(60)
    text = f"{SECRET}\r\n{payload.hex()}\r\n"
    content = sealing.message(*fields, text=text, files=((f"{SECRET}.bin", payload),))
    diary = sealing.Diary(replies=dict.fromkeys(to, reply))
    mail = sealing.mail(content, to=tuple(to), sender=sender)
    ways = channels(directory, **configuration)
    unfit = tuple(address for address in to if not ways.fits(mail, address))
    if unfit:
        with pytest.raises(NoChannel) as none:
            encrypt(ways, diary, mail)
        assert none.value.recipients == unfit
        assert diary.entries == []
        return
    receipts = encrypt(ways, diary, mail)
    assert [receipt.recipient for receipt in receipts] == to
    outgoing = b"".join(entry[2] for entry in diary.sent)
    outgoing += b"".join(letter.content for entry in diary.posted for letter in entry[1])
    joined = outgoing.replace(b"\r\n", b"")  # base64 may be cut anywhere
    for word in (SECRET.encode(), payload.hex().encode(), payload):
        assert not any(trace in outgoing or trace in joined for trace in traces(word))
    assert sorted(a for entry in diary.sent for a in entry[1].addresses) == sorted(to)
