"""The five incidents' kin through the running gateway, and innocent mail beside them.

    client ─SMTP▶ gateway ─▶ internet        (no mail server between: the doors' own behaviour)

Domain facts: S1 one record to a stranger; S2 télétransmission with NIR and RIB; S4 an export in a
hidden sheet, zipped; S5 a disc of images. S3 (no identifier at all) stands in
tests/corpus/test_twelve_mails.py.
"""

from __future__ import annotations

import hashlib
import smtplib
from random import Random

import pytest

from tests.e2e.gateway import OURS, eventually
from tests.makers import documents, identifiers, twelve
from tests.makers.mails import attachment, entity, html, message, mixed, multipart, text

SENDER = f"agent@{OURS}"
STRANGER = "j.durand@exemple.example"
RNG = Random(20260223)


def send(port: int, content: bytes, *to: str) -> int:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo()
        assert client.mail(SENDER, ["BODY=8BITMIME"])[0] == 250
        for address in to:
            assert client.rcpt(address)[0] == 250
        return int(client.data(content)[0])


def assured(count: int) -> str:
    lines = ["NOM;NIR;NAISSANCE;TELEPHONE"]
    for n in range(count):
        nir = identifiers.nir(RNG)
        lines.append(f"TESTEUR{n:02d} ANNE;{nir};14/09/1985;0639980{n:03d}")
    return "\r\n".join(lines)


def laboratory(rows: int) -> bytes:
    header = ["nom", "prénom", "n° sécu", "groupe sanguin", "commentaire"]
    comments = ["enceinte", "séropositive au VIH", "sous Lévothyrox"]
    data = [
        [f"TESTEUR{n}", "Anne", identifiers.nir(RNG), "A Rh+", comments[n % 3]] for n in range(rows)
    ]
    return documents.xlsx({"Visible": [["ligne"], ["1"]], "Données": [header, *data]})


def s1() -> bytes:
    sheet = documents.pdf(
        "FICHE ASSURÉ\nMme TESTEUR Anne, née le 14/09/1985\n"
        f"Numéro de sécurité sociale : {identifiers.nir(RNG)}\nALD : OUI"
    )
    return mixed(text("Bonjour,\n\nla fiche demandée.\n"), attachment("fiche.pdf", sheet))


def s2() -> bytes:
    body = f"télétransmition 06/06\n\nIBAN {identifiers.grouped(identifiers.iban(RNG))}\n"
    return mixed(text(body), attachment("lot_0606.txt", assured(21).encode()))


def s4() -> bytes:
    export = documents.zip_of({"export_anomalie.xlsx": laboratory(120)})
    return mixed(text("l'export qui pose problème\n"), attachment("export.zip", export))


def s5() -> bytes:
    return twelve.images()


def rib_in_docx() -> bytes:
    bank, branch, account, key = identifiers.rib_parts(identifiers.rib(RNG))
    body = (
        "Relevé d'identité bancaire de Mme TESTEUR Anne, née le 14/09/1985\n"
        f"Code banque {bank} Code guichet {branch} N° de compte {account} Clé RIB {key}"
    )
    return mixed(text("le RIB\n"), attachment("rib.docx", documents.docx(body)))


def clinical() -> bytes:
    body = (
        "Cher confrère,\n\nje vous remercie de m'avoir adressé Mme TESTEUR Anne, née le "
        "14/09/1985, suivie pour une schizophrénie et un VIH sous trithérapie.\n"
    )
    return message(text(body))


@pytest.mark.e2e
@pytest.mark.parametrize(
    "incident", [s1, s2, s4, s5, rib_in_docx, clinical], ids=lambda f: f.__name__
)
def test_nothing_of_an_incident_leaves_in_clear(gateway, internet, incident):
    content = incident()
    assert send(gateway.smtp, content, STRANGER) == 250
    line = eventually(lambda: gateway.lines("mail"))[0]
    order = line["recipients"][0]["order"]
    assert order in ("encrypt", "quarantine"), line
    for one in internet.for_(STRANGER):
        assert b"TESTEUR" not in one.content
        assert b"Subject: Objet" not in one.content
    if order == "quarantine":
        assert internet.for_(STRANGER) == []
        assert len(gateway.held()) == 1


@pytest.mark.e2e
@pytest.mark.parametrize("incident", [s2, s4, s5], ids=lambda f: f.__name__)
def test_a_bulk_of_persons_is_held_whatever_channel_there_is(gateway, internet, incident):
    assert send(gateway.smtp, incident(), STRANGER) == 250
    [held] = gateway.held()
    assert held["recipients"] == [STRANGER]


INNOCENT = {
    "invoice": "Facture F2024-0312, SIRET 99999999800019, TVA FR11999999998, total 1 234,56 €.\n",
    "order numbers": "Commande n° 185057599999723, colis 1751234567890, CIP 3400930000120.\n",
    "newsletter": "Mars bleu : dépistage du cancer colorectal. VIH, IVG, addictions : où aller ?\n",
    "appointment": "Votre rendez-vous est confirmé au secrétariat le 12/03 à 14 h.\n",
    "law": "L'ordonnance du juge, la prescription quinquennale, la mise en examen, le greffe.\n",
    "computing": "Virus en quarantaine, traitement des données, injection SQL, clé RSA, DLP.\n",
    "works": "Diagnostic immobilier, dose de béton, examen du dossier de consultation.\n",
    "blood drive": "Appel aux dons : donneurs O- recherchés samedi à la salle des fêtes.\n",
    "signature": "Dr Exemple, cardiologue, RPPS 99912345677, FINESS 990000010, 01 99 00 12 34\n",
    "dots": "une ligne\n.\n..\n...fin\n",
    "empty": "",
}


@pytest.mark.e2e
def test_innocent_mail_passes_byte_for_byte(gateway, internet):
    """All in one session, as a mail server would; compared by digest."""
    mails = [
        message(text(body), {"Message-ID": f"<{n}>"}) for n, body in enumerate(INNOCENT.values())
    ]
    mails.append(message(multipart("alternative", text("Bonjour"), html("<p>Bonjour</p>"))))
    mails.append(
        mixed(text("voir pièce\n"), attachment("note.docx", documents.docx("Réunion à 14 h")))
    )
    mails.append(
        mixed(text("voir tableau\n"), attachment("t.xlsx", documents.xlsx({"A": [["x", "1"]]})))
    )
    mails.append(message(text("accents éàü\n", charset="iso-8859-1", encoding="quoted-printable")))
    mails.append(message(text("ligne longue " + "x" * 100_000)))
    with smtplib.SMTP("127.0.0.1", gateway.smtp, timeout=60) as client:
        client.ehlo()
        for content in mails:
            client.mail(SENDER, ["BODY=8BITMIME"])
            client.rcpt(STRANGER)
            assert client.data(content)[0] == 250
    wanted = {hashlib.sha256(_on_the_wire(content)).hexdigest() for content in mails}
    arrived = {
        hashlib.sha256(_ours_off(one.content)).hexdigest() for one in internet.for_(STRANGER)
    }
    assert arrived == wanted
    assert gateway.held() == []


def _on_the_wire(content: bytes) -> bytes:
    """smtplib ends the last line."""
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _ours_off(content: bytes) -> bytes:
    """Without the one field that we put in front."""
    assert content.startswith(b"Received: ")
    lines = content.split(b"\r\n")
    end = next(n for n, line in enumerate(lines[1:], 1) if not line.startswith((b" ", b"\t")))
    own = b"\r\n".join(lines[:end])
    assert b" for " not in own, "a `for` clause would name hidden recipients"
    return b"\r\n".join(lines[end:])


@pytest.mark.e2e
def test_a_colleague_gets_what_a_stranger_does_not(gateway, internet):
    content = s4()
    assert send(gateway.smtp, content, f"collegue@{OURS}", STRANGER) == 250
    [inside] = eventually(lambda: internet.for_(f"collegue@{OURS}"))
    assert inside.content.endswith(content)
    assert internet.for_(STRANGER) == []


@pytest.mark.e2e
def test_what_mail_programs_read_differently_is_held(gateway, internet):
    """Two encodings: some programs take the first, some the last."""
    twice = b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n"
    assert send(gateway.smtp, twice + b"\r\nQm9uam91ciwgw6AgamV1ZGkuCg==\r\n", STRANGER) == 250
    [held] = gateway.held()
    assert held["rule"] == "unread/ambiguous"
    assert internet.for_(STRANGER) == []


READER = "lecteur@domicile.example"
SENT = f"""\
Nov 20 10:00:00 mx postfix/qmgr[2]: 4AAAAA: from=<{SENDER}>, size=900, nrcpt=1 (queue active)
Nov 20 10:00:01 mx postfix/lmtp[3]: 4AAAAA: to=<{READER}>, relay=mx[192.0.2.9]:25, status=sent
Nov 20 10:00:02 mx postfix/qmgr[2]: 4AAAAA: removed
"""
NOT_FOR_ME = f"From: Un Lecteur <{READER}>\nTo: {SENDER}\nSubject: Re\n\nPas pour moi.\n".encode()


@pytest.mark.e2e
def test_who_says_it_is_not_for_him_gets_nothing_sensitive_of_that_sender_any_more(
    gateway, internet
):
    """By mail to the address for it. The officers' letter waits for the clock: tests/unit/means."""
    account = message(text(f"Voici le compte : {identifiers.iban(RNG)}"), {"Message-ID": "<1@x>"})
    assert send(gateway.smtp, account, READER) == 250
    eventually(lambda: internet.for_(READER), "an account without a name is nobody's: it passes")
    (gateway.root / "mail.log.1").write_text(SENT)
    gateway.command("history", "import", str(gateway.root / "mail.log.1"))
    gateway.command("incident", "--from-mail", stdin=NOT_FOR_ME)
    again = message(text(f"Encore : {identifiers.iban(RNG)}"), {"Message-ID": "<2@x>"})
    assert send(gateway.smtp, again, READER, "autre@domicile.example") == 250
    [held] = gateway.held()
    assert (held["rule"], held["recipients"]) == ("recipient/blocked-pair", [READER])
    assert send(gateway.smtp, message(text("La réunion est à 14 h."), {}), READER) == 250
    eventually(lambda: len(internet.for_(READER)) == 2, "ordinary mail passes")
    assert "vaguemestre_incidents_open 1.0" in gateway.page("metrics")


def invitation(to: str) -> bytes:
    """As a calendar's program sends it: what it is about stands in the event."""
    about = f"Mme TESTEUR Anne, née le 14/09/1985, NIR {identifiers.nir(RNG)}"
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@x\r\n"
        "DTSTAMP:20261120T090000Z\r\nDTSTART:20261127T090000Z\r\nSUMMARY:Synthèse\r\n"
        f"DESCRIPTION:{about}\r\nORGANIZER:mailto:{SENDER}\r\nATTENDEE:mailto:{to}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    kind = "text/calendar; charset=utf-8; method=REQUEST"
    return message(entity(kind, event.encode(), "8bit"), {"Message-ID": "<3@x>"})


@pytest.mark.e2e
def test_an_invitation_to_an_address_that_looks_like_a_colleagues_is_asked_about(gateway, internet):
    staff = gateway.root / "staff.csv"
    staff.write_text(f"marie.dupont@{OURS}\n")
    gateway.command("directory", "import", str(staff))
    to = "marie.dupond@domicile.example"
    assert send(gateway.smtp, invitation(to), to) == 250
    [held] = gateway.held()
    assert (held["rule"], held["awaits"]) == ("recipient/lookalike", "confirm")
    assert internet.for_(to) == []
