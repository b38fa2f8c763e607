"""Our own letters, compared whole with the texts in letters/ (no-break spaces included)."""

import dataclasses
import email
import email.policy
import pathlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import wording
from gateway.act.correspondents import is_automaton, shown
from gateway.act.letter import typeset
from gateway.act.notice import Case, Notices
from gateway.model import (
    Coverage,
    Disposition,
    Finding,
    Inspection,
    Likelihood,
    PartRead,
    Place,
    Problem,
    Recipient,
    Trouble,
    Verdict,
)
from gateway.ports import Hold
from tests.makers import sealing

LETTERS = pathlib.Path(__file__).parent / "letters"
NOW = sealing.RECEIVED
SENDER, DURAND, COLLEAGUE = "agent@cpam.example", "j.durand@exemple.example", "droits@cpam.example"
CANARY = "canaryword"


def ours(address):
    return address.endswith("@cpam.example")


TITLES = {"health/b2-clear": "Fichier de télétransmission en clair vers une adresse extérieure"}
FULL = Notices(
    ours=ours,
    sender="quarantaine@cpam.example",
    officers=("dpo@cpam.example", "dpo@cabinet.example"),
    deputies=("adjoint@cpam.example",),
    url="https://courriel.cpam.example",
    phone="poste 4512",
    help="aide@cpam.example",
    intranet="https://intranet.cpam.example/controle",
    owners=(("paie-noreply@cpam.example", "paie@cpam.example"),),
    title=lambda rule: TITLES.get(rule, ""),
    urgent="4599",
    urges=lambda sender: True,
    portal=True,
    no_sanction=True,
)

BARE = Notices(ours=ours, sender="quarantaine@cpam.example", help="aide@cpam.example")


def mail(content=None, to=(DURAND, COLLEAGUE), sender=SENDER):
    content = content or sealing.message(f"Subject: {CANARY}", files=((f"{CANARY}.pdf", b"x"),))
    return sealing.mail(content, to=to, sender=sender)


def finding(kind, count=1, part="2", likelihood=Likelihood.LIKELY, fingerprints=()):
    return Finding(kind, count, likelihood, Place(part, CANARY), CANARY, fingerprints)


def seen(*found, parts=(("1", "text"), ("2", "pdf"))):
    return Inspection(
        tuple(f for f in found if isinstance(f, Finding)),
        tuple(f for f in found if isinstance(f, Problem)),
        tuple(PartRead(Place(path), kind, Coverage.WHOLE) for path, kind in parts),
    )


ONE = seen(finding("fr.nir"), finding("health.terms", 4))
MANY = seen(finding("fr.nir", 21), finding("iban"), finding("health.b2"))


def hold(mail, inspection, grave=False, rule="health/nir-external"):
    calendar = FULL.calendar
    until, remind = calendar.deadline(NOW, 3), calendar.deadline(NOW, 0, 16)
    held = tuple(r for r in mail.envelope.recipients if r.address != COLLEAGUE)
    return Hold(held, rule, inspection, until, remind, grave)


def verdicts(*notify):
    return (
        Verdict(DURAND, Disposition.QUARANTINE, "health/nir-external", notify=notify),
        Verdict(COLLEAGUE, Disposition.PASS),
    )


def held(notices, inspection, sent=None, notify=("sender",), **more):
    sent = sent or mail()
    return notices.held(sent, verdicts(*notify), inspection, hold(sent, inspection, **more))


def opened(letter):
    return email.message_from_bytes(letter.content, policy=email.policy.default)


def written(letter):
    """Subject and text/plain, as the files in letters/ have them."""
    message = opened(letter)
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    return f"Objet : {message['subject']}\n\n{text}"


CASE = Case("7K2F-9QXD", NOW, "health/b2-clear", 21, NOW + 3 * 86400 + 12480, SENDER, (DURAND,))
OTHER = Case("Q5HD-2TZN", NOW - 200_000, "fr/other", 0, NOW + 8000)
LATER = NOW + 7200


def examples():
    return {
        "held": held(FULL, ONE)[0],
        "held-without-console": held(BARE, ONE)[0],
        "grave": held(FULL, MANY, grave=True, notify=(), rule="health/b2-clear")[0],
        "grave-without-console": held(
            dataclasses.replace(BARE, officers=("dpo@cpam.example",)), ONE, grave=True
        )[1],
        "secret": FULL.pdf_secret(mail(), (DURAND, "279051234567890@patient.example"), "ab-cd"),
        "digest": FULL.digest((CASE, OTHER), LATER),
        "reminder": FULL.reminder((CASE,), LATER),
        "cancelled": FULL.cancelled(CASE, LATER),
        "rejected": FULL.rejected(CASE, LATER),
        "released": FULL.released(CASE, LATER),
    }


@pytest.mark.parametrize("name", examples())
def test_a_letter_says_exactly_this(name):
    assert written(examples()[name]) == (LETTERS / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", examples())
def test_a_letter_is_marked_and_holds_nothing_of_the_mail(name):
    letter = examples()[name]
    message = opened(letter)
    assert letter.sender == ""
    assert message["Auto-Submitted"] == "auto-generated"
    assert all(ours(recipient.address) for recipient in letter.recipients)
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    everything = f"{message['subject']}{plain.get_content()}{html.get_content()}"
    assert CANARY not in everything
    assert letter.content.isascii()
    assert not re.search(rb"(?<!\r)\n", letter.content)
    assert max(len(line) for line in letter.content.split(b"\r\n")) <= 78
    assert not re.search(r"<(img|script|link|iframe)|src=", html.get_content())
    for line in everything.splitlines():
        assert not re.search("(?<![\xa0:/]) [;:?!»]|« ", line.replace("\xa0", "")), line


@pytest.mark.parametrize("name", examples())
def test_both_forms_say_the_same(name):
    plain, html = (part.get_content() for part in opened(examples()[name]).iter_parts())
    body = html.partition("<body")[2].partition(">")[2]
    body = re.sub(r"<li>|</?[a-z]+[^>]*>", " ", body).replace("&#x27;", "'")
    listed = re.sub(r"(?m)^  \d\. ", "", plain)
    assert re.sub(r"[ \r\n]+", "", body) == re.sub(r"[ \r\n]+", "", listed)


@pytest.mark.parametrize("name", ["grave", "digest", "reminder"])
def test_officers_read_no_address_of_the_mail(name):
    text = written(examples()[name])
    assert "@" not in text


def test_whom_a_letter_goes_to():
    goes = {
        name: [recipient.address for recipient in letter.recipients]
        for name, letter in examples().items()
    }
    assert goes["held"] == [SENDER]
    assert goes["grave"] == goes["digest"] == ["dpo@cpam.example"]  # not the one elsewhere
    assert goes["reminder"] == ["adjoint@cpam.example"]
    assert goes["secret"] == [SENDER]


@pytest.mark.parametrize(
    ("sender", "field", "to", "why"),
    [
        (SENDER, "X-A: b", [SENDER], "a person of ours"),
        ("x@mail.example", "X-A: b", [], "a stranger: it would be backscatter"),
        ("", "X-A: b", [], "a delivery report"),
        (SENDER, "Auto-Submitted: auto-replied", [], "an automaton"),
        (SENDER, "Auto-Submitted: no", [SENDER], "a person who says so"),
        ("noreply@cpam.example", "X-A: b", [], "nobody reads it"),
        ("paie-noreply@cpam.example", "X-A: b", ["paie@cpam.example"], "software with an owner"),
        ("a\x00@cpam.example", "X-A: b", [], "no address to write in a field"),
    ],
)
def test_who_is_told_of_a_hold(sender, field, to, why):
    letters = held(FULL, ONE, mail(sealing.message(field), sender=sender))
    assert [r.address for letter in letters for r in letter.recipients] == to, why


def test_a_sender_is_told_only_where_the_rule_says_so():
    assert held(FULL, ONE, notify=("officer",)) == []


def test_without_an_officer_of_ours_nobody_is_told():
    alone = dataclasses.replace(FULL, officers=("dpo@cabinet.example",), deputies=())
    assert held(alone, ONE, grave=True, notify=()) == []
    assert alone.digest((CASE,), LATER) is None
    assert alone.reminder((CASE,), LATER) is None
    stranger = dataclasses.replace(CASE, sender="x@mail.example")
    assert alone.cancelled(stranger, LATER) is None


def test_no_digest_when_nothing_waits():
    assert FULL.digest((), LATER) is None


def test_the_case_of_a_letter_is_known_to_the_outbox():
    assert examples()["held"].about == "7K2F-9QXD"
    assert [examples()[name].kind for name in ("held", "digest", "reminder")] == [
        "notice",
        "digest",
        "reminder",
    ]
    assert examples()["secret"].kind == "secret"  # never to be bundled: it says something once
    assert {letter.route for letter in examples().values()} == {"notices"}


# The refusal in SMTP


def test_the_refusal_of_the_texts():
    assert FULL.refusal(mail()) == (
        "Ce message ne part pas : il contient un type d'information que\n"
        "notre organisme ne laisse pas sortir par courriel ordinaire.\n"
        "Que faire : ouvrez https://courriel.cpam.example/m/7K2F-9QXD\n"
        "pour corriger l'adresse ou choisir un autre mode d'envoi.\n"
        "Aide : poste 4512. Code du dossier : 7K2F-9QXD"
    )


def test_the_refusal_without_a_console():
    assert BARE.refusal(mail()).splitlines()[2:] == [
        "Que faire : corrigez l'adresse, ou demandez un autre mode d'envoi.",
        "Aide : aide@cpam.example. Code du dossier : 7K2F-9QXD",
    ]


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_refusal_is_in_ascii_whatever_the_settings(phone):
    text = dataclasses.replace(FULL, phone=phone).refusal(mail())
    assert text.isascii()
    assert all(len(line) < 500 for line in text.splitlines())


# The closed list of "Pourquoi ?"

PROTECTED = " Par un courriel ordinaire, ces informations ne sont pas protégées."


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            [finding("fr.nir"), finding("health.terms", 9)],
            "Une pièce jointe (PDF) contient le numéro de sécurité sociale et des informations de "
            "santé d'une personne." + PROTECTED,
        ),
        (
            [finding("fr.nir", 1234, part="1")],
            "Votre message contient le numéro de sécurité sociale de 1\u00a0234 personnes."
            + PROTECTED,
        ),
        (
            [finding("iban", 1), finding("fr.rib", 1)],
            "Une pièce jointe (PDF) contient un relevé d'identité bancaire." + PROTECTED,
        ),
        (
            [finding("iban", 2)],
            "Une pièce jointe (PDF) contient des relevés d'identité bancaire." + PROTECTED,
        ),
        (
            [finding("table.persons", 130)],
            "Une pièce jointe (PDF) contient un tableau d'au moins 100 personnes." + PROTECTED,
        ),
        (
            [finding("table.persons", 4)],
            "Une pièce jointe (PDF) contient un tableau de personnes." + PROTECTED,
        ),
        (
            [finding("fr.nir", 21), finding("health.b2"), finding("card")],
            "Une pièce jointe (PDF) contient le numéro de sécurité sociale de 21 personnes, et un "
            "numéro de carte bancaire et un fichier de télétransmission." + PROTECTED,
        ),
        (
            [finding("health.terms", 3)],
            "Une pièce jointe (PDF) contient des informations de santé." + PROTECTED,
        ),
        (
            [finding("health.person"), finding("health.terms", 3), finding("health.noemie")],
            "Une pièce jointe (PDF) contient des informations de santé, et un fichier de "
            "remboursements." + PROTECTED,
        ),
        (
            [finding("fr.nir", part="1"), finding("iban")],
            "Votre message contient le numéro de sécurité sociale d'une personne. "
            "Une pièce jointe (PDF) contient un relevé d'identité bancaire." + PROTECTED,
        ),
        (
            [Problem(Trouble.ENCRYPTED, Place("2"))],
            "Votre message contient un document que le contrôle n'a pas pu ouvrir, car il est "
            "protégé par un mot de passe.",
        ),
        (
            [Problem(Trouble.ENCRYPTED, Place("2")), Problem(Trouble.ENCRYPTED, Place("3"))],
            "Votre message contient 2 documents que le contrôle n'a pas pu ouvrir, car ils sont "
            "protégés par un mot de passe.",
        ),
        (
            [Problem(Trouble.CRASHED, Place("2"), CANARY)],
            "Le contrôle n'a pas pu lire le message en entier.",
        ),
        (
            [finding("fr.nir", likelihood=Likelihood.POSSIBLE)],
            "Une règle de votre organisme retient ce message avant sa sortie.",
        ),
        (
            [finding("unheard.of")],
            "Une règle de votre organisme retient ce message avant sa sortie.",
        ),
    ],
)
def test_why(found, sentence):
    assert wording.why(seen(*found)) == sentence


def test_a_person_found_in_two_places_is_one_person():
    twice = seen(
        finding("fr.nir", part="1", fingerprints=("aa",)), finding("fr.nir", fingerprints=("aa",))
    )
    assert wording.persons(twice) == 1
    both = seen(
        finding("fr.nir", part="1", fingerprints=("aa",)), finding("fr.nir", fingerprints=("bb",))
    )
    assert wording.persons(both) == 2


KINDS = st.sampled_from([*wording.DATA, *wording.THINGS, "unheard.of"])
FOUND = st.builds(
    finding,
    KINDS,
    st.integers(1, 20_000),
    st.sampled_from(["", "1", "2", "2!a/b", "9"]),
    st.sampled_from(list(Likelihood)),
)
PROBLEMS = st.builds(Problem, st.sampled_from(list(Trouble)), st.just(Place("2", CANARY)))


@settings(deadline=None)
@given(st.lists(FOUND | PROBLEMS, max_size=12))
def test_no_word_of_the_mail_reaches_a_letter_whatever_is_found(found):
    inspection = seen(*found)
    for letter in held(FULL, inspection, grave=True):
        text = written(letter)
        assert CANARY not in text
        assert "  et" not in text
        assert "contient ." not in text


# Addresses


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("j.durand@exemple.example", "j.durand@exemple.example"),
        ("279051234567890@patient.example", "279…@patient.example"),
        ("2.79.05.12.345@patient.example", "2.7…@patient.example"),
        ("durand1979@exemple.example", "durand1979@exemple.example"),
        ("durand.12051979@exemple.example", "dur…@exemple.example"),
        ("x@279051234567890.example", "x@279….example"),
        ('"a\x1b[2J"@b.example', '"a?[2J"@b.example'),
    ],
)
def test_an_identifier_in_an_address_is_cut(address, masked):
    assert shown(address) == masked


@pytest.mark.parametrize("sender", ["no-reply@a.example", "MAILER-DAEMON@a.example", ""])
def test_what_is_an_automaton(sender):
    assert is_automaton(sealing.mail(sender=sender))


def test_markup_in_an_address_stays_text():
    letter = FULL.pdf_secret(mail(), ("<b>x</b>@mail.example",), "s")
    html = opened(letter).get_body(("html",)).get_content()
    assert "&lt;b&gt;x&lt;/b&gt;@mail.example" in html


def test_many_recipients_are_each_on_a_line():
    many = tuple(f"personne.{n}@mail.example" for n in range(40))
    text = written(FULL.pdf_secret(mail(to=many), many, "s"))
    assert all(f"  {address} " in text for address in many)


def test_typography():
    assert typeset("« Pourquoi ? » : oui ; non !") == (
        "«\u00a0Pourquoi\u00a0?\u00a0»\u00a0: oui\u00a0; non\u00a0!"
    )


def test_a_partly_held_mail_is_not_said_to_be_all_held():
    sent = mail(to=(DURAND, COLLEAGUE))
    letter = FULL.grave(sent, ONE, hold(sent, ONE), sender_told=False)
    assert "Retenu pour 1 destinataire sur 2." in written(letter)
    alone = mail(to=(DURAND,))
    letter = FULL.grave(alone, ONE, hold(alone, ONE), sender_told=False)
    assert "Rien n'est sorti" in written(letter)


def test_recipients_are_told_apart_only_by_where_they_are():
    sent = mail(to=(DURAND, "a@cpam.example", "b@mail.example"))
    kept = dataclasses.replace(
        hold(sent, ONE), recipients=tuple(map(Recipient, sent.envelope.addresses))
    )
    text = written(FULL.grave(sent, ONE, kept, sender_told=True))
    assert "3, dont 2 adresses extérieures" in text


# The link to the sender's page


def test_the_link_bears_a_ticket_of_this_mail_and_this_sender():
    asked = []

    def ticket(*about):
        asked.append(about)
        return "0123abcd"

    sent = mail()
    letter = held(dataclasses.replace(FULL, ticket=ticket), ONE, sent)[0]
    assert asked == [(sent.id, SENDER, sent.received)]
    page = f"https://courriel.cpam.example/m/{sent.id}?t=0123abcd"
    assert f"\n{page}\n" in written(letter)
    assert f'href="{page}"' in opened(letter).get_body(("html",)).get_content()


def urgent_item(notices, inspection):
    text = written(held(notices, inspection)[0]).replace("\n     ", " ")
    return next((line for line in text.splitlines() if "Un patient attend" in line), "")


@pytest.mark.parametrize(
    ("changes", "inspection", "said"),
    [
        ({}, ONE, ["« Envoi urgent »", "4599"]),
        ({"urgent": ""}, ONE, ["« Envoi urgent »."]),
        ({"urges": lambda sender: False}, ONE, ["appelez le 4599"]),
        ({}, MANY, ["appelez le 4599"]),  # 21 persons: the button would be refused
        ({"url": ""}, ONE, ["appelez le 4599"]),
    ],
)
def test_urgent_sending_is_told_of_where_it_is_open(changes, inspection, said):
    item = urgent_item(dataclasses.replace(FULL, **changes), inspection).replace("\u00a0", " ")
    assert all(words in item for words in said)
    assert ("« Envoi urgent »" in item) == any("« Envoi urgent »" in words for words in said)


def test_where_nothing_urgent_is_open_nothing_is_said_of_it():
    notices = dataclasses.replace(FULL, urgent="", urges=lambda sender: False)
    assert urgent_item(notices, ONE) == ""


def test_who_cancels_is_told_in_a_letter_that_names_no_officer():
    text = written(FULL.withdrawn(CASE, LATER)).replace("\n", " ")
    assert "est annulé, comme demandé sur sa page." in text
    assert "j.durand@exemple.example   annulé" in text
    assert "personne chargée" not in text
