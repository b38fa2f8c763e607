import email

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.act.report import report
from gateway.model import Client, Disposition, Envelope, Mail, Receipt, Recipient, Reply

SECRET = b"From: s@ours.example\r\nSubject: canari-7f3a\r\n\r\ncanari-7f3a\r\n"
UNKNOWN = Receipt("a@x.example", Disposition.PASS, Reply(550, "5.1.1", ("no such", "user")))
REJECTED = Receipt("b@y.example", Disposition.REJECT, Reply(550, "5.7.1", ("Ce message",)))


def written(*refusals, sender="s@ours.example", options=()):
    mail = Mail(
        id="7K2F-9QXD",
        door="smtp",
        client=Client(),
        envelope=Envelope(sender, (), options),
        content=SECRET,
        trace=b"",
        deadline=0.0,
        received=1795440720.0,  # Monday 23 November 2026, 14:32 in Paris
    )
    return report(mail, refusals or (UNKNOWN, REJECTED), hostname="gw.example")


def read(letter):
    return email.message_from_bytes(letter.content)


def text_of(letter):
    return read(letter).get_payload()[0].get_payload(decode=True).decode()


def status_of(letter):
    return [dict(group.items()) for group in read(letter).get_payload()[1].get_payload()]


def test_it_goes_from_nobody_to_the_sender_by_the_way_of_any_mail():
    letter = written()
    assert (letter.kind, letter.route, letter.about) == ("report", "default", "7K2F-9QXD")
    assert (letter.sender, letter.recipients) == ("", (Recipient("s@ours.example"),))


def test_it_is_a_delivery_report_that_no_automaton_answers():
    message = read(written())
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["To"] == "s@ours.example"
    assert [part.get_content_type() for part in message.get_payload()] == [
        "text/plain",
        "message/delivery-status",
    ]
    assert message.defects == []


def test_it_holds_nothing_of_the_mail():
    assert b"canari" not in written().content


def test_the_status_names_the_mail_and_each_recipient():
    letter = written(options=("RET=HDRS", "ENVID=QQ+2B314+3D1"))
    assert status_of(letter) == [
        {
            "Original-Envelope-Id": "QQ+314=1",
            "Reporting-MTA": "dns; gw.example",
            "Arrival-Date": "Mon, 23 Nov 2026 13:32:00 -0000",
        },
        {
            "Final-Recipient": "rfc822; a@x.example",
            "Action": "failed",
            "Status": "5.1.1",
            "Diagnostic-Code": "smtp; 550-5.1.1 no such\r\n 550 5.1.1 user",
        },
        {
            "Final-Recipient": "rfc822; b@y.example",
            "Action": "failed",
            "Status": "5.7.1",
            "Diagnostic-Code": "smtp; 550 5.7.1 Ce message",
        },
    ]


@pytest.mark.parametrize(
    "option", ["ENVID=", "ENVID=a+0D+0AX-Own:+201", "ENVID=+E9", "ENVID=" + "a" * 101]
)
def test_an_envelope_id_that_cannot_be_printed_is_left_out(option):
    assert "Original-Envelope-Id" not in status_of(written(options=(option,)))[0]


def test_a_reply_without_its_enhanced_code_still_has_a_status():
    refusal = Receipt("a@x.example", Disposition.PASS, Reply(550, "", ("no",)))
    assert status_of(written(refusal))[1]["Status"] == "5.0.0"


def test_the_text_says_in_french_what_was_not_delivered_and_why():
    assert text_of(written()).replace("\r\n", "\n") == (
        "Bonjour,\n"
        "\n"
        "Votre message du lundi 23 novembre 2026 à 14 h 32 (heure de Paris) n'a pas été\n"
        "remis à ces adresses\u00a0:\n"
        "\n"
        "  a@x.example\n"
        "\n"
        "      550-5.1.1 no such\n"
        "      550 5.1.1 user\n"
        "\n"
        "  b@y.example\n"
        "\n"
        "      550 5.7.1 Ce message\n"
        "\n"
        "Cet avis ne concerne que ces adresses. Pour d'éventuels autres destinataires,\n"
        "vous n'avez rien à refaire.\n"
        "\n"
        "Code du dossier\u00a0: 7K2F-9QXD\n"
    )


def test_one_address_is_spoken_of_in_the_singular():
    text = text_of(written(UNKNOWN)).replace("\u00a0", " ")
    assert "remis à cette adresse :" in text
    assert "ne concerne que cette adresse." in text


def test_an_identifier_in_an_address_is_cut():
    refusal = Receipt("279018416802538@patient.example", Disposition.PASS, UNKNOWN.reply)
    letter = written(refusal)
    assert b"79018416802538" not in letter.content
    assert "279…@patient.example" in text_of(letter)
    assert status_of(letter)[1]["Final-Recipient"] == "rfc822; 279***@patient.example"


def test_an_address_beyond_ascii_is_written_as_rfc_6533_says():
    letter = written(Receipt("é@x.example", Disposition.PASS, UNKNOWN.reply))
    assert status_of(letter)[1]["Final-Recipient"] == r"utf-8; \x{E9}@x.example"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_nothing_from_outside_adds_a_field_or_a_part(sender, address, said):
    refusal = Receipt(f"{address}@x.example", Disposition.PASS, Reply(550, "5.1.1", (said,)))
    clean = sender.encode("utf-8", "replace").decode()
    message = read(written(refusal, sender=f"{clean}@ours.example"))
    usual = read(written(UNKNOWN))
    assert message.keys() == usual.keys()
    assert len(message.get_payload()) == 2
    groups = message.get_payload()[1].get_payload()
    assert [group.keys() for group in groups] == [
        ["Reporting-MTA", "Arrival-Date"],
        ["Final-Recipient", "Action", "Status", "Diagnostic-Code"],
    ]


def test_every_line_ends_with_crlf_and_none_is_too_long():
    lines = written(*[UNKNOWN] * 50).content.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert max(map(len, lines)) <= 998
