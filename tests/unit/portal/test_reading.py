"""The way of a recipient: link, code, text, files, answer; and what the sender hears of it."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace

from gateway.parcel import spoken
from gateway.store.parcels import BETWEEN_CODES_SECONDS, SESSION_SECONDS
from tests.unit.portal.conftest import LETTER, NUMBER, PATIENT, SENDER


def words(letter) -> str:
    parts = email.message_from_bytes(letter.content, policy=email.policy.default)
    return parts.get_body(("plain",)).get_content().replace("\u00a0", " ")


def subject(letter) -> str:
    read = email.message_from_bytes(letter.content, policy=email.policy.default)
    return read["Subject"].replace("\u00a0", " ")


def test_link_and_code_open_the_text_the_files_and_the_whole_mail(portal):
    [parcel] = portal.keep()
    browser = portal.browser()
    assert "Un message vous attend" in browser.get(f"/l/{parcel.link}").text
    page = browser.enter(parcel)
    assert "voici vos résultats." in page.text
    assert "lundi 23 novembre 2026, 14:32" in page.text
    assert "analyses d&#39;été.txt" in page.text
    file = browser.get(f"{page.url.path}/fichier/0")
    assert file.content == b"taux : normal\n"
    assert (
        "filename*=utf-8''analyses%20d%27%C3%A9t%C3%A9.txt" in file.headers["content-disposition"]
    )
    assert browser.get(f"{page.url.path}/message.eml").content == LETTER
    [letter] = portal.told()
    assert subject(letter) == "Votre message a été lu (dossier 7K2F-9QXD)"
    assert [one.address for one in letter.recipients] == [SENDER]
    assert f"https://portail.example/e/{parcel.own}" in words(letter)
    assert parcel.link not in words(letter)


def test_two_clicks_and_a_code_lead_from_the_mail_to_the_text(quick):
    """The link is one, the button (or Enter) the other: nothing else stands in between."""
    [parcel] = quick.keep()
    browser = quick.browser()
    browser.get(f"/l/{parcel.link}")
    assert "voici vos résultats." in browser.enter(parcel).text


def test_a_number_that_a_directory_knows_gets_the_code_until_the_sender_gives_another(portal):
    async def directory(address):
        return {PATIENT: "+33639980001"}.get(address, "")

    portal.pickup = replace(portal.pickup, phone_of=directory)
    known, other = portal.keep(LETTER, PATIENT, "autre@domicile.example")
    assert "par SMS" not in portal.browser().get(f"/l/{other.link}").text
    browser = portal.browser()
    assert "Recevoir le code par SMS" in browser.get(f"/l/{known.link}").text
    browser.post(f"/l/{known.link}/code", {"par": "sms"})
    portal.later(BETWEEN_CODES_SECONDS + 1)
    portal.browser().post(f"/e/{known.own}/numero", {"numero": NUMBER})
    browser.post(f"/l/{known.link}/code", {"par": "sms"})
    assert [number for number, _ in portal.sms.taken] == ["+33639980001", "+33639981234"]


def test_a_code_may_be_typed_with_whatever_separates_its_figures(quick):
    [parcel] = quick.keep()
    written = f" {spoken(parcel.code)[:2]}-{parcel.code[2:]} "
    answer = quick.browser().post(f"/l/{parcel.link}", {"code": written})
    assert "voici vos résultats." in answer.text


def test_several_recipients_have_a_link_each_and_one_content(portal):
    first, second = portal.keep(LETTER, PATIENT, "autre@domicile.example")
    assert len(list(portal.blobs.older_than(4e9))) == 1
    portal.browser().post(f"/erreur/{first.link}")
    assert portal.browser().get(f"/l/{first.link}").status_code == 404
    assert "voici vos résultats." in portal.browser().enter(second).text


def test_the_second_reading_asks_for_another_code_that_the_sender_is_told(portal):
    [parcel] = portal.keep()
    portal.browser().enter(parcel)
    portal.told()
    again = portal.browser()
    page = again.get(f"/l/{parcel.link}")
    assert "a déjà été ouvert" in page.text
    assert again.post(f"/l/{parcel.link}", {"code": parcel.code}).status_code == 403
    page = again.post(f"/l/{parcel.link}/code", {"par": "voix"})
    assert "Demandez-le-lui par téléphone" in page.text
    [letter] = portal.told()
    assert subject(letter).startswith("Nouveau code à donner pour votre message")
    fresh = next(
        line.strip()
        for line in words(letter).splitlines()
        if line.startswith("  ") and line.strip().replace(" ", "").isdigit()
    )
    answer = again.post(f"/l/{parcel.link}", {"code": fresh})
    assert "voici vos résultats." in answer.text
    assert portal.told() == []  # the first reading was told; no watching how often


def test_the_code_comes_by_text_message_once_the_sender_gave_the_number(portal):
    [parcel] = portal.keep()
    sender, patient = portal.browser(), portal.browser()
    assert "par SMS" not in patient.get(f"/l/{parcel.link}").text
    page = sender.post(f"/e/{parcel.own}/numero", {"numero": NUMBER})
    assert "Numéro enregistré" in page.text
    assert NUMBER not in page.text
    assert "Recevoir le code par SMS" in patient.get(f"/l/{parcel.link}").text
    page = patient.post(f"/l/{parcel.link}/code", {"par": "sms"})
    [(number, text)] = portal.sms.taken
    assert number == "+33639981234"
    assert "Le CH d'Exemple" in text
    assert parcel.code not in text
    code = text.removeprefix("Code").replace("\u00a0", "").replace(":", "").strip()[:9]
    assert "voici vos résultats." in patient.post(f"/l/{parcel.link}", {"code": code}).text


def test_a_text_message_that_nobody_takes_is_said_and_another_waits_a_minute(quick):
    [parcel] = quick.keep()
    quick.browser().post(f"/e/{parcel.own}/numero", {"numero": NUMBER})
    quick.sms.works = False
    ask = {"par": "sms"}
    page = quick.browser().post(f"/l/{parcel.link}/code", ask)
    assert "Aucun code n'a pu être envoyé" in page.text.replace("&#39;", "'")
    quick.browser().post(f"/l/{parcel.link}/code", ask)
    assert len(quick.sms.taken) == 1
    quick.later(BETWEEN_CODES_SECONDS + 1)
    quick.browser().post(f"/l/{parcel.link}/code", ask)
    assert len(quick.sms.taken) == 2


def test_a_text_messages_code_is_good_for_ten_minutes(quick):
    [parcel] = quick.keep()
    quick.browser().post(f"/e/{parcel.own}/numero", {"numero": NUMBER})
    quick.browser().post(f"/l/{parcel.link}/code", {"par": "sms"})
    code = "".join(c for c in quick.sms.taken[0][1] if c.isdigit())
    quick.later(601)
    assert quick.browser().post(f"/l/{parcel.link}", {"code": code}).status_code == 403


def test_what_is_no_number_is_refused(quick):
    [parcel] = quick.keep()
    for written in ("", "poste 12", "0639", "+0639981234", "<script>", "06399812345678901234"):
        page = quick.browser().post(f"/e/{parcel.own}/numero", {"numero": written})
        assert page.status_code == 422, written
    assert "par SMS" not in quick.browser().get(f"/l/{parcel.link}").text


def test_an_answer_with_files_goes_to_the_sender_by_mail(portal):
    [parcel] = portal.keep()
    browser = portal.browser()
    page = browser.enter(parcel)
    portal.told()
    files = [("fichiers", ("ordonnance été.pdf", b"%PDF-1.7", "application/pdf"))]
    said = browser.act(page, "reponse", {"texte": "Merci.\r\nÀ\rlundi."}, files=files)
    assert "Réponse envoyée" in said.text
    assert "Réponse envoyée" in browser.get(said.url.path).text  # and goes once, shown again or not
    [letter] = portal.told()
    mail = email.message_from_bytes(letter.content, policy=email.policy.default)
    assert mail["To"] == SENDER
    assert mail["Reply-To"] == PATIENT
    assert mail["In-Reply-To"] == "<a@ch.example>"
    assert b"\r" not in letter.content.replace(b"\r\n", b"")
    assert "Merci.\nÀ\nlundi." in mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    [file] = mail.iter_attachments()
    assert file.get_filename() == "ordonnance été.pdf"
    assert file.get_content() == b"%PDF-1.7"


def test_an_answer_whose_files_nobody_could_read_says_so(quick):
    quick.unread = 1
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    quick.told()
    browser.act(page, "reponse", files=[("fichiers", ("x.zip", b"PK", "application/zip"))])
    [letter] = quick.told()
    assert "1 pièce(s) jointe(s) que le contrôle n'a pas pu lire" in words(letter)
    assert [one.files[0].data for one in quick.inspected] == [b"PK"]


def test_an_empty_answer_is_not_sent(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    assert browser.act(browser.enter(parcel), "reponse").status_code == 422


def test_after_ten_answers_people_are_asked_to_telephone(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    said = [browser.act(page, "reponse", {"texte": str(n)}).status_code for n in range(11)]
    assert said == [200] * 10 + [429]


def test_whoever_closes_it_asks_for_a_code_to_read_it_again(portal):
    [parcel] = portal.keep()
    browser = portal.browser()
    page = browser.enter(parcel)
    assert "Message fermé" in browser.act(page, "sortie").text
    assert browser.get(page.url.path).status_code == 401


def test_a_session_ends_after_four_hours(portal):
    [parcel] = portal.keep()
    browser = portal.browser()
    page = browser.enter(parcel)
    portal.later(SESSION_SECONDS + 1)
    assert browser.get(page.url.path).status_code == 401


def test_pages_are_in_the_browsers_language_until_another_is_chosen(quick):
    [parcel] = quick.keep()
    browser = quick.browser(**{"accept-language": "en-GB,en;q=0.9"})
    assert "A message is waiting for you" in browser.get(f"/l/{parcel.link}").text
    assert "Un message vous attend" in browser.get(f"/l/{parcel.link}?langue=fr").text
    assert "Un message vous attend" in browser.get(f"/l/{parcel.link}").text
