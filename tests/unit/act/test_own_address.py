"""The header fields that name a sender, under another of his addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.act import own_address

OWN = "marie.dupont@ch-x.mssante.fr"
KNOWN = {"marie@chu.example": OWN, "m.dupont@chu.example": OWN, OWN: OWN}


def inside(address):
    return address.lower().endswith(".mssante.fr")


def known_as(address):
    return KNOWN.get(address.lower(), address if inside(address) else "")


def under(head):
    return own_address.under(head, OWN, known_as, inside)


OTHERS = b"To: dr@medecin.mssante.fr\r\nMessage-ID: <1@chu.example>\r\nX-MSS-MES: FIN\r\n"


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (b"From: marie@chu.example", b"From: marie.dupont@ch-x.mssante.fr"),
        (b"From: Marie <marie@chu.example>", b"From: Marie <marie.dupont@ch-x.mssante.fr>"),
        (
            b'FROM: "Dupont, Marie (CHU)"\r\n <Marie@CHU.example>',
            b'FROM: "Dupont, Marie (CHU)"\r\n <marie.dupont@ch-x.mssante.fr>',
        ),
        (
            b"From: =?utf-8?q?L=C3=A9a?= <m.dupont@chu.example> ",
            b"From: =?utf-8?q?L=C3=A9a?= <marie.dupont@ch-x.mssante.fr> ",
        ),
        (
            b'From: "marie@chu.example" <marie@chu.example>',
            b'From: "marie@chu.example" <marie.dupont@ch-x.mssante.fr>',
        ),
        (b'From: "a \\" <x>" <marie@chu.example>', b'From: "a \\" <x>" <' + OWN.encode() + b">"),
    ],
)
def test_his_address_changes_and_his_name_stays(written, becomes):
    head = OTHERS + written + b"\r\nSubject: Bonjour\r\n"
    assert under(head) == OTHERS + becomes + b"\r\nSubject: Bonjour\r\n"


@pytest.mark.parametrize("name", ["", "Marie "])
def test_whoever_writes_under_it_already_is_not_changed_by_a_byte(name):
    signed = b"DKIM-Signature: v=1; d=ch-x.mssante.fr\r\n"
    head = signed + f"from:  {name}<{OWN.upper()}>\r\nReply-To: {OWN}\r\n".encode() + OTHERS
    assert under(head) == head


@pytest.mark.parametrize(
    "head",
    [
        b"",
        OTHERS,
        b"From: autre@chu.example\r\n",
        b"From: dr@medecin.mssante.fr\r\n",
        b"From: marie@chu.example\r\nFrom: marie@chu.example\r\n",
        b"From: marie@chu.example, m.dupont@chu.example\r\n",
        b"From: Equipe: marie@chu.example;\r\n",
        b"From: marie@chu.example (Marie)\r\n",
        b"From: autre@chu.example <marie@chu.example>\r\n",
        b"From: <autre@chu.example> <marie@chu.example>\r\n",
        b'From: "marie" <marie@chu.example\r\n',
        b'From: "marie@chu.example"@chu.example\r\n',
        b"From: marie@chu.example\r\nno field\r\n",
        b"From: " + b"x" * own_address.MAX_FIELD + b" <marie@chu.example>\r\n",
    ],
)
def test_who_is_not_plainly_its_only_author_is_not_written_over(head):
    assert under(head) is None


@pytest.mark.parametrize("name", ["Sender", "Reply-To", "Disposition-Notification-To", "Errors-To"])
@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("Marie <m.dupont@chu.example>", f"Marie <{OWN}>"),
        ("secretariat@ch-x.mssante.fr", "secretariat@ch-x.mssante.fr"),
        ("secretariat@chu.example", ""),
        ("a@x.mssante.fr, secretariat@chu.example", ""),
        ("Marie (chez elle) marie@webmail.example", ""),
    ],
)
def test_answers_and_receipts_never_lead_out_of_the_space(name, address, becomes):
    head = under(f"From: marie@chu.example\r\n{name}: {address}\r\n".encode() + OTHERS)
    kept = f"{name}: {becomes}\r\n" if becomes else ""
    assert head == f"From: {OWN}\r\n{kept}".encode() + OTHERS


def test_a_signature_that_cannot_hold_any_more_goes():
    signed = b"DKIM-Signature: v=1; h=from\r\n\tb=abc\r\n"
    assert under(signed + OTHERS + b"From: marie@chu.example\r\n") == (
        OTHERS + b"From: marie.dupont@ch-x.mssante.fr\r\n"
    )


@given(st.binary(max_size=60))
def test_whatever_stands_there_no_ordinary_address_of_his_is_left_as_the_author(noise):
    head = under(
        b"From: " + noise.replace(b"\r", b"").replace(b"\n", b"") + b"<marie@chu.example>\r\n"
    )
    assert head is None or head.endswith(b"<marie.dupont@ch-x.mssante.fr>\r\n")
