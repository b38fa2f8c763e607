"""A password of the recipient's own: chosen in a session, used by the door, given up again."""

from __future__ import annotations

import email
import email.policy
import io
import re
from dataclasses import replace

import pikepdf
import pytest

from gateway.act import outside, sealed_pdf, sealed_zip
from gateway.act.method import Means
from gateway.parcel import Terms, new_token
from gateway.portal.strength import is_easy
from gateway.store.boxes import id_of
from gateway.store.parcels import MOST_REPLIES
from tests.drawing import draw
from tests.makers import sealing
from tests.unit.portal.conftest import PATIENT
from tests.unit.portal.test_reading import subject, words

SECRET = "cheval agrafe juste pile"
PAGE = "mot-de-passe"


def means(portal):
    return Means(
        None,
        True,
        lambda address: address.endswith("@ch.example"),
        "Le CH d'Exemple",
        portal=Terms("https://portail.example", 15),
        zips=lambda address: True,
        draw=draw,
        chosen=portal.office.chosen,
        tells=False,
    )


def choose(portal, secret=SECRET, again=None):
    """By whoever has just proved who he is; his browser, the page of his message, the answer."""
    [parcel] = portal.keep()
    browser = portal.browser()
    page = browser.enter(parcel)
    data = {"secret": secret, "encore": secret if again is None else again}
    return browser, page, browser.act(page, PAGE, data)


def test_who_chose_a_password_gets_the_next_message_as_a_document_that_it_opens(portal):
    mail = sealing.mail(sealing.message(text="Bonjour"), sender="anne@ch.example", to=(PATIENT,))
    assert not sealed_pdf.fits(means(portal), mail, PATIENT)
    assert not sealed_zip.fits(means(portal), mail, PATIENT)

    _, _, answer = choose(portal)
    assert "Mot de passe choisi" in answer.text
    read, chosen = portal.told()
    assert subject(read).startswith("Votre message a été lu")
    assert "vous n'aurez plus de code à lui donner" in " ".join(words(chosen).split())
    assert SECRET not in words(chosen)

    assert sealed_pdf.fits(means(portal), mail, PATIENT)
    assert sealed_zip.fits(means(portal), mail, PATIENT)
    assert not sealed_pdf.fits(means(portal), mail, "autre@domicile.example")
    [sealed] = sealed_pdf.seal(means(portal), mail, outside.of(mail), (PATIENT,))
    assert sealed.secret == ""  # nothing to tell anybody
    parts = email.message_from_bytes(sealed.content, policy=email.policy.default)
    told = parts.get_body().get_content()
    assert "celui que vous avez choisi" in " ".join(told.split())
    assert f"https://portail.example/boite/{portal.office.box(PATIENT).token}" in told.split()
    assert SECRET not in told
    [document] = parts.iter_attachments()
    pikepdf.open(io.BytesIO(document.get_content()), password=SECRET).close()


def test_nobody_in_a_session_without_a_box_is_offered_one(quick):
    """Parcels from before, and portals where it is off."""
    quick.pickup = replace(quick.pickup, box_of=lambda address: None)
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    assert PAGE not in page.text
    assert browser.get(f"{page.url.path}/{PAGE}").status_code == 404
    assert browser.act(page, PAGE, {"secret": SECRET, "encore": SECRET}).status_code == 404


@pytest.mark.parametrize(
    ("secret", "again", "why"),
    [
        ("court", None, "entre 12 et 100"),
        ("x" * 101, None, "entre 12 et 100"),
        ("chevàl agrafe juste", None, "sans accent"),
        ("motdepasse1234", None, "se devine"),
        (SECRET, "cheval agrafe juste pilé", "pas les mêmes"),
        (SECRET, "", "pas les mêmes"),
    ],
)
def test_what_is_weak_or_typed_differently_is_refused_and_said(quick, secret, again, why):
    _, _, answer = choose(quick, secret, again)
    assert answer.status_code == 422
    assert why in answer.text
    assert quick.office.chosen(PATIENT) is None
    assert secret not in answer.text


@pytest.mark.parametrize(
    ("secret", "easy"),
    [
        ("aaaaaaaaaaaa", True),
        ("abcabcabcabc", True),
        ("abcdefghijklmno", True),
        ("01 02 1990 0639981234", True),
        ("Password1234!", True),
        ("bonjourbonjour12", True),
        ("18273645546372819024", False),
        ("k7ra-m2wx-9hpf-3cte", False),
        ("le chat gris dort", False),
    ],
)
def test_what_everybody_writes_or_has_a_shape_is_easy(secret, easy):
    assert is_easy(secret) is easy


def test_every_password_that_the_page_proposes_may_be_taken():
    assert not any(is_easy(sealed_pdf.new_secret()) for _ in range(200))


def test_a_form_without_the_secret_of_the_session_chooses_nothing(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    data = {"secret": SECRET, "encore": SECRET}
    assert browser.post(f"{page.url.path}/{PAGE}", data).status_code == 403
    assert quick.browser().post(f"{page.url.path}/{PAGE}", data).status_code == 401
    assert quick.office.chosen(PATIENT) is None


def test_another_takes_its_place_and_the_page_says_that_there_is_one(quick):
    browser, page, _ = choose(quick)
    assert "Un autre le remplace" in browser.get(f"{page.url.path}/{PAGE}").text
    other = "tasse orange loin du pont"
    browser.act(page, PAGE, {"secret": other, "encore": other})
    assert quick.office.chosen(PATIENT).secret == other


def test_nobody_has_us_write_letters_without_end(quick):
    browser, page, answer = choose(quick)
    for _ in range(MOST_REPLIES - 1):
        browser.act(page, PAGE, {"secret": SECRET, "encore": SECRET})
    other = "tasse orange loin du pont"
    answer = browser.act(page, PAGE, {"secret": other, "encore": other})
    assert answer.status_code == 429
    assert quick.office.chosen(PATIENT).secret == SECRET


def test_it_is_given_up_in_a_session(quick):
    browser, page, _ = choose(quick)
    answer = browser.act(page, f"{PAGE}/retrait")
    assert "ne servira plus" in answer.text
    assert quick.office.chosen(PATIENT) is None


def test_it_is_given_up_by_the_link_of_a_document_and_looking_changes_nothing(quick):
    choose(quick)
    link = f"/boite/{quick.office.box(PATIENT).token}"
    anybody = quick.browser()
    assert "Y renoncer" in anybody.get(link).text
    assert quick.office.chosen(PATIENT)
    assert "ne servira plus" in anybody.post(link).text
    assert quick.office.chosen(PATIENT) is None
    assert anybody.get(link).status_code == 404
    assert anybody.post(link).status_code == 404


def test_a_link_to_no_box_is_answered_like_one_to_a_box_without_a_password(quick):
    unknown, none = new_token(), quick.office.box(PATIENT).token
    answers = [quick.browser().get(f"/boite/{one}") for one in (unknown, none, "x", id_of(none))]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r"/boite/\w+", "", answer.text) for answer in answers}) == 1


@pytest.mark.parametrize("opened", [True, False])
def test_not_for_me_takes_the_password_along(portal, opened):
    browser, page, _ = choose(portal)
    if opened:
        browser.act(page, "erreur")
    else:
        [second] = portal.keep()
        portal.browser().post(f"/erreur/{second.link}")
    assert portal.office.chosen(PATIENT) is None


def test_the_parcel_and_its_session_carry_the_box_sealed(portal):
    [parcel] = portal.keep()
    box = portal.office.box(PATIENT)
    assert portal.run(portal.parcels.box(parcel.link)) == box
    assert portal.run(portal.parcels.box(new_token())) is None
