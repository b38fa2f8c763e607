"""How a parcel ends: refused, recalled, forgotten, unsent; who is told; what is left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from gateway.store.incidents import Parties
from gateway.store.parcel_clock import KEPT_SECONDS
from gateway.store.parcel_sender import Recalled
from gateway.store.portal_tables import parcels, sessions
from gateway.store.schema import events
from tests.unit.portal.conftest import DAY, LETTER, PATIENT, SENDER
from tests.unit.portal.test_reading import subject, words


def rows(portal):
    return portal.run(portal.database.read(lambda c: c.execute(select(parcels)).all()))


def noted(portal):
    kinds = select(events.c.kind).where(events.c.hold_id == "7K2F-9QXD").order_by(events.c.id)
    return portal.run(portal.store.database.read(lambda c: list(c.execute(kinds).scalars())))


def to(letters):
    return [one.recipients[0].address for one in letters]


@pytest.mark.parametrize("read", [False, True], ids=["unread", "read"])
def test_not_for_me_closes_it_tells_the_sender_and_opens_an_incident(portal, read):
    [parcel] = portal.keep()
    browser = portal.browser()
    if read:
        page = browser.enter(parcel)
        portal.told()
        said = browser.act(page, "erreur")
    else:
        assert "Fermer l" in browser.get(f"/erreur/{parcel.link}").text
        said = browser.post(f"/erreur/{parcel.link}")
    assert "Accès fermé" in said.text
    [row] = rows(portal)
    assert (row.how, row.sealed_key, row.code) == ("refused", None, None)
    [sender] = portal.told()
    assert to([sender]) == [SENDER]
    assert "Vérifiez l'adresse" in words(sender)
    assert noted(portal)[-2:] == ["incident", "portal refused, read" if read else "portal refused"]
    [incident] = portal.run(portal.incidents.page())
    assert (incident.kind, incident.about) == ("portal_read" if read else "portal", "7K2F-9QXD")
    assert incident.parties(portal.store.private) == Parties(SENDER, PATIENT)
    assert portal.run(portal.incidents.blocked(SENDER, [PATIENT])) == {PATIENT}


def test_who_says_it_twice_or_only_looks_opens_nothing_more_and_learns_nothing(portal):
    """A scanner of links follows GET; a second click, or a stranger's guess, gets one and the same
    page."""
    [parcel] = portal.keep()
    browser = portal.browser()
    for _ in range(3):
        browser.get(f"/erreur/{parcel.link}")
    portal.told()
    assert portal.run(portal.incidents.page()) == ()
    assert browser.post(f"/erreur/{parcel.link}").status_code == 200
    again = browser.post(f"/erreur/{parcel.link}")
    guessed = browser.post(f"/erreur/{'a' * len(parcel.link)}")
    portal.told()
    [incident] = portal.run(portal.incidents.page())
    assert incident.reports == 1
    assert again.status_code == guessed.status_code == 404
    assert again.text == guessed.text


def test_killed_before_the_news_are_struck_out_it_is_one_incident_said_twice(portal):
    """The news come again: twice rather than never, as its letter does."""
    [parcel] = portal.keep()
    portal.browser().post(f"/erreur/{parcel.link}")
    told = portal.clockwork.told
    portal.clockwork.told = lambda one: told(replace(one, id=0))
    assert len(portal.told()) == 1
    portal.clockwork.told = told
    portal.told()
    [incident] = portal.run(portal.incidents.page())
    assert incident.reports == 2


def test_the_sender_recalls_it_and_nobody_reads_it(portal):
    [parcel] = portal.keep()
    sender = portal.browser()
    assert "pas encore lu" in sender.get(f"/e/{parcel.own}").text
    assert "Message rappelé" in sender.post(f"/e/{parcel.own}/rappel").text
    assert portal.browser().post(f"/l/{parcel.link}", {"code": parcel.code}).status_code == 404
    assert "rappelé" in sender.get(f"/e/{parcel.own}").text
    [letter] = portal.told()
    assert "est rappelé" in subject(letter)
    assert "Personne ne l'avait lu" in words(letter)
    assert "rappelé, jamais lu" in sender.get(f"/e/{parcel.own}").text


def test_recalled_while_somebody_reads_it_the_next_click_shows_nothing(portal):
    [parcel] = portal.keep()
    browser = portal.browser()
    page = browser.enter(parcel)
    assert "Il a déjà été lu" in portal.browser().get(f"/e/{parcel.own}").text
    portal.told()
    said = portal.browser().post(f"/e/{parcel.own}/rappel").text
    assert "rappelé, après avoir été lu" in said
    assert browser.get(page.url.path).status_code == 401
    [letter] = portal.told()
    assert "Il avait déjà été lu" in words(letter)
    assert noted(portal)[-1] == "portal recalled, read"
    assert portal.run(portal.database.read(lambda c: c.execute(select(sessions)).all())) == []


def test_the_operator_recalls_all_parcels_of_a_mail(portal):
    portal.keep(LETTER, "a@domicile.example", "b@domicile.example")
    assert portal.run(portal.senders.recall_all("7K2F-9QXD", ("medical",))) == Recalled(0, 0)
    assert portal.run(portal.senders.recall_all("7K2F-9QXD")) == Recalled(2, 0)
    assert portal.run(portal.senders.recall_all("7K2F-9QXD")) == Recalled(0, 0)
    assert [one.how for one in portal.run(portal.senders.list())] == ["recalled"] * 2


def test_half_way_the_sender_hears_once_that_nobody_read_it(portal):
    portal.keep()
    portal.later(7 * DAY)
    assert portal.told() == []
    portal.later(DAY)
    [letter] = portal.told()
    assert "n'est pas encore lu" in subject(letter)
    portal.later(DAY)
    assert portal.told() == []


def test_in_the_end_it_goes_and_the_sender_hears_that_it_was_not_read(portal):
    [parcel] = portal.keep()
    portal.later(8 * DAY)
    portal.told()
    portal.later(8 * DAY)
    assert portal.browser().get(f"/l/{parcel.link}").status_code == 404
    [letter] = portal.told()
    assert "n'a pas été lu" in subject(letter)
    assert rows(portal)[0].how == "expired"


def test_what_was_read_ends_without_a_word(portal):
    [parcel] = portal.keep()
    portal.browser().enter(parcel)
    portal.told()
    portal.later(16 * DAY)
    assert portal.told() == []
    assert rows(portal)[0].how == "expired"


def test_a_parcel_whose_mail_was_refused_is_closed_at_once_unheard(portal):
    """The retry makes another."""
    [parcel] = portal.keep(sent=False)
    portal.run(portal.pickup.withdraw(parcel))
    assert (rows(portal)[0].how, rows(portal)[0].sealed_key) == ("unsent", None)
    assert portal.told() == []


def test_a_parcel_of_which_we_do_not_know_that_its_mail_left_waits_for_its_day(portal):
    """The door was killed, or the store away, after the next hop's 250: the link is with its
    recipient, and nobody comes again with the mail."""
    [parcel] = portal.keep(sent=False)
    portal.later(14 * DAY)
    assert portal.told() == []
    assert portal.browser().get(f"/l/{parcel.link}").status_code == 200
    portal.later(2 * DAY)
    assert portal.told() == []
    assert rows(portal)[0].how == "unsent"


def test_contents_go_with_the_last_parcel_and_rows_a_month_later(portal):
    first, second = portal.keep(LETTER, "a@domicile.example", "b@domicile.example")
    portal.store.now = 4e9  # blobs are dated by the disk's own clock
    portal.run(portal.database.write(lambda c: c.execute(parcels.update().values(until=5e9))))
    portal.browser().post(f"/erreur/{first.link}")
    portal.run(portal.clockwork.sweep())
    assert len(list(portal.blobs.older_than(5e9))) == 1
    portal.browser().post(f"/erreur/{second.link}")
    portal.run(portal.clockwork.sweep())
    assert list(portal.blobs.older_than(5e9)) == []
    portal.later(KEPT_SECONDS + 1)
    portal.run(portal.clockwork.sweep())
    assert rows(portal) == []


def test_figures_tell_how_many_wait_and_how_many_were_read(portal):
    first, *_ = portal.keep(LETTER, "a@domicile.example", "b@domicile.example")
    portal.browser().enter(first)
    standing = portal.run(portal.clockwork.standing())
    assert (standing.unread, standing.read, standing.locked) == (1, 1, 0)


def test_news_that_no_key_opens_wait_for_one(quick):
    [parcel] = quick.keep()
    quick.browser().enter(parcel)
    keys, quick.porter.opening = quick.porter.opening, ()
    assert quick.told() == []
    quick.porter.opening = keys
    assert quick.told() == []  # once tried, it waits for the next start
    quick.porter.stuck.clear()
    assert len(quick.told()) == 1


def test_a_parcel_whose_sender_no_key_opens_ends_on_its_day_all_the_same(quick):
    quick.keep()
    quick.porter.opening = ()
    quick.later(16 * DAY)
    assert quick.told() == []
    assert rows(quick)[0].how == "expired"
