import json
from dataclasses import dataclass

import pytest

from gateway.model import Inspection, Letter, Place, Receipt, Recipient
from gateway.store import codec
from gateway.store.dossier import Dossier, subject_of
from tests.makers.held import SEEN, a_hold, a_letter, a_mail


def test_nouns_come_back_as_they_went():
    mail = a_mail()
    for noun in (SEEN, a_letter(), Dossier.of(mail, a_hold(mail)), Recipient("a@b", ("X=1",))):
        assert codec.load(type(noun), codec.dump(noun)) == noun


def test_a_lone_surrogate_of_undecodable_text_comes_back():
    place = Place("2!\udce9t\udce9.csv")
    assert codec.load(Place, codec.dump(place)) == place


def test_what_the_next_version_adds_is_dropped_and_what_the_last_lacked_takes_its_default():
    written = json.loads(codec.dump(a_letter())) | {"colour": "blue"}
    del written["route"]
    assert codec.load(Letter, json.dumps(written).encode()) == a_letter()
    assert codec.load(Inspection, b"{}") == Inspection()


def test_a_missing_field_without_default_is_an_error_and_no_guess():
    with pytest.raises(TypeError):
        codec.load(Receipt, b"{}")


def test_what_is_no_noun_is_refused():
    with pytest.raises(TypeError):
        codec.dump(Sample(object()))


@dataclass
class Sample:
    what: object


@pytest.mark.parametrize(
    ("content", "subject"),
    [
        (b"From: a\r\nSubject: un\r\n\r\n", b"un"),
        (b"SUBJECT:un\r\n deux\r\n\ttrois\r\nTo: b\r\n\r\n", b"un\r\n deux\r\n\ttrois"),
        (b"Subject: un\nSubject: deux\n\n", b"un"),
        (b"From: a\r\n\r\nSubject: corps\r\n", b""),
        (b"X-Subject: non\r\n\r\n", b""),
        (b"", b""),
        (b"Subject: " + b"x" * 5000, b"x" * 998),
    ],
)
def test_the_subject_is_kept_as_written(content, subject):
    assert subject_of(content) == subject
