"""Portal as a channel: what the mail with the link shows, and what is kept before it goes."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re

import pytest

from gateway.act import portal_letters
from gateway.act.encrypt import Channels, Encrypt
from gateway.act.notice import Notices
from gateway.detect import search
from gateway.errors import NoChannel, Temporary
from gateway.model import Disposition, Inspection, Letter, Likelihood, Reply, Verdict
from gateway.parcel import Terms, new_code, new_token
from gateway.parse.message import parse
from tests.makers import sealing
from tests.unit.act.test_encrypt import finds_identifiers, ours

TERMS = Terms("https://messages.ch.example", 15, site="www.ch.example", phone="poste 4512")
WHO = "Le Centre hospitalier d'Exemple"
PATIENT, OTHER = "patient@domicile.example", "autre@domicile.example"


class Desk:
    """A pickup that notes what was asked of it, in the diary's own order."""

    def __init__(self, diary, fails=False):
        self.diary, self.fails = diary, fails
        self.kept, self.went, self.withdrawn = [], [], []

    async def keep(self, parcel):
        if self.fails:
            raise Temporary("no room")
        assert not any(parcel.recipient in entry[1].addresses for entry in self.diary.sent)
        self.kept.append(parcel)

    async def sent(self, parcel):
        self.went.append(parcel)

    async def withdraw(self, parcel):
        self.withdrawn.append(parcel)

    def letter(self, parcel):
        return Letter("secret", "", (), parcel.code.encode(), "notices", parcel.mail.id)


def channels(**changes):
    given = {
        "certificates": None,
        "pdf": False,
        "ours": ours,
        "examine": finds_identifiers,
        "organisation": WHO,
        "portal": TERMS,
        "chain": ("portal",),
    }
    return Channels(**(given | changes))


def seal(mail, diary, desk, **changes):
    act = Encrypt(
        channels(**changes),
        diary,
        diary,
        lambda message, domain, original: message,
        Notices(ours=ours, sender="quarantaine@ch.example").pdf_secret,
        pickup=desk,
    )
    verdicts = [Verdict(one, Disposition.ENCRYPT) for one in mail.envelope.addresses]
    return asyncio.run(act(mail, verdicts, Inspection()))


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def words(content):
    plain = read(content).get_body(("plain",)).get_content()
    return " ".join(plain.replace("\u00a0", " ").split())


def test_each_recipient_gets_a_mail_a_link_and_a_code_of_his_own():
    diary = sealing.Diary()
    desk = Desk(diary)
    mail = sealing.mail(to=(PATIENT, OTHER))
    receipts = seal(mail, diary, desk)
    assert [r.reply.code for r in receipts] == [250, 250]
    assert [entry[1].addresses for entry in diary.sent] == [(PATIENT,), (OTHER,)]
    first, second = desk.kept
    assert len({first.link, second.link, first.own, second.own}) == 4
    assert first.package is second.package
    for entry, parcel in zip(diary.sent, desk.kept, strict=True):
        sent = entry[2]
        assert f"https://messages.ch.example/l/{parcel.link}" in words(sent)
        assert parcel.code not in words(sent)
        assert parcel.own not in words(sent)
        assert read(sent)["To"] == parcel.recipient
        assert read(sent)["Cc"] is None
    assert desk.went == desk.kept


def test_the_mail_tells_who_writes_and_nothing_of_what():
    diary = sealing.Diary()
    seal(sealing.mail(to=(PATIENT,)), diary, Desk(diary))
    sent = read(diary.sent[0][2])
    assert sent["From"] == "helene@ch.example"
    assert sent["Subject"].replace("\u00a0", " ") == f"{WHO} vous a envoyé un message protégé"
    assert sent["Auto-Submitted"] is None  # a person wrote it, and automata may answer
    text = words(diary.sent[0][2])
    assert "jusqu'au mardi 8 décembre 2026" in text
    assert "until 8 December 2026" in text
    assert "7K2F-9QXD" in text
    for inside in ("résultats", "Résultats", "joints", "Hélène"):
        assert inside not in text


def test_our_own_engine_finds_nothing_in_the_mail_nor_in_the_letter_with_the_code():
    diary = sealing.Diary()
    desk = Desk(diary)
    mail = sealing.mail(to=(PATIENT,))
    seal(mail, diary, desk)
    letters = portal_letters.PortalLetters(ours, "quarantaine@ch.example", TERMS.url, sms=True)
    about = portal_letters.About(
        mail.id, "helene@ch.example", PATIENT, new_token(), mail.received, mail.received + 1e6
    )
    letter = letters.code(about, new_code(), mail.received)
    for content in (diary.sent[0][2], letter.content):
        hits, problems = search.search(parse(content).texts)
        told = [h.kind for h in hits if h.likelihood >= Likelihood.LIKELY and h.kind != "person"]
        assert not [*told, *problems]


def test_dsn_options_and_sender_stay_those_of_the_original():
    diary = sealing.Diary()
    seal(sealing.mail(to=(PATIENT,), options=("RET=HDRS",)), diary, Desk(diary))
    envelope = diary.sent[0][1]
    assert envelope.sender == "helene@ch.example"
    assert envelope.options == ("RET=HDRS",)
    assert envelope.recipients[0].options == ("NOTIFY=FAILURE",)


def test_where_a_parcel_cannot_be_kept_no_link_leaves():
    diary = sealing.Diary()
    with pytest.raises(Temporary):
        seal(sealing.mail(to=(PATIENT,)), diary, Desk(diary, fails=True))
    assert diary.sent == []


def test_a_parcel_whose_mail_was_refused_counts_as_never_sent():
    diary = sealing.Diary({PATIENT: Reply(550, "5.1.1", ("unknown",))})
    desk = Desk(diary)
    [receipt] = seal(sealing.mail(to=(PATIENT,)), diary, desk)
    assert receipt.reply.code == 550
    assert (desk.withdrawn, desk.went) == (desk.kept, [])
    assert len(desk.kept) == 1


@pytest.mark.parametrize(
    ("sender", "changes"),
    [
        ("", {}),  # nobody would be told the code
        ("robot@ailleurs.example", {}),  # nor are strangers
        ("helene@ch.example", {"portal": None}),
    ],
)
def test_without_a_portal_or_somebody_to_tell_the_code_it_does_not_fit(sender, changes):
    diary = sealing.Diary()
    with pytest.raises(NoChannel):
        seal(sealing.mail(to=(PATIENT,), sender=sender), diary, Desk(diary), **changes)
    assert diary.sent == []


def test_secrets_of_a_parcel_are_in_no_repr():
    diary = sealing.Diary()
    desk = Desk(diary)
    seal(sealing.mail(to=(PATIENT,)), diary, desk)
    [parcel] = desk.kept
    for secret in (parcel.link, parcel.own, parcel.code, PATIENT, repr(parcel.package.key)):
        assert not re.search(re.escape(secret), repr(parcel))
