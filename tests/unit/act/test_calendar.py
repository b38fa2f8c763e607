"""Working days: checked against published calendars, and DST on both sides."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act.calendar import WorkingDays, age, day_in_words, easter, holidays

PARIS = WorkingDays("Europe/Paris")


def at(text, zone=PARIS.zone):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2000, (4, 23)),
        (2008, (3, 23)),  # nearly the earliest
        (2011, (4, 24)),
        (2024, (3, 31)),
        (2026, (4, 5)),
        (2027, (3, 28)),
        (2038, (4, 25)),  # the latest there is
    ],
)
def test_easter_is_where_the_calendars_have_it(year, day):
    assert easter(year) == datetime.date(year, *day)


def test_the_eleven_holidays_of_2026():
    assert sorted(f"{day:%d/%m}" for day in holidays(2026)) == sorted(
        [
            "01/01",
            "06/04",
            "01/05",
            "08/05",
            "14/05",
            "25/05",
            "14/07",
            "15/08",
            "01/11",
            "11/11",
            "25/12",
        ]
    )


def test_alsace_has_good_friday_and_saint_stephen():
    more = holidays(2026, alsace=True) - holidays(2026)
    assert more == {datetime.date(2026, 4, 3), datetime.date(2026, 12, 26)}


@pytest.mark.parametrize(
    ("now", "days", "expected", "why"),
    [
        ("2026-11-23T14:32", 3, "2026-11-26T18:00", "the notice of the texts"),
        ("2026-11-20T14:32", 1, "2026-11-23T18:00", "over a week-end"),
        ("2026-11-21T09:00", 1, "2026-11-23T18:00", "from a Saturday"),
        ("2026-11-10T09:00", 1, "2026-11-12T18:00", "over the 11th of November"),
        ("2026-05-13T09:00", 1, "2026-05-15T18:00", "over Ascension"),
        ("2026-12-31T09:00", 1, "2027-01-04T18:00", "over New Year"),
        ("2026-11-23T14:32", 0, "2026-11-23T18:00", "the same day"),
        ("2026-11-23T18:00", 0, "2026-11-24T18:00", "the hour has struck"),
        ("2026-11-21T09:00", 0, "2026-11-23T18:00", "no working day"),
        ("2026-03-27T09:00", 1, "2026-03-30T18:00", "clocks go forward"),
        ("2026-10-23T09:00", 1, "2026-10-26T18:00", "clocks go back"),
    ],
)
def test_a_deadline(now, days, expected, why):
    assert PARIS.deadline(at(now), days) == at(expected), why


def test_a_day_off_of_the_house_is_no_working_day():
    bridge = WorkingDays("Europe/Paris", [datetime.date(2026, 5, 15)])
    assert bridge.deadline(at("2026-05-13T09:00"), 1) == at("2026-05-18T18:00")


@settings(deadline=None)
@given(
    st.floats(min_value=0, max_value=4e9),
    st.integers(min_value=0, max_value=20),
    st.integers(min_value=0, max_value=23),
)
def test_a_deadline_is_ahead_on_a_working_day_at_the_hour(now, days, hour):
    then = PARIS.deadline(now, days, hour)
    when = datetime.datetime.fromtimestamp(then, PARIS.zone)
    assert then > now
    assert PARIS.is_working(when.date())
    # One Sunday in March has no 2 h; no working day does.
    assert (when.hour, when.minute) == (hour, 0)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("2026-11-23T14:32", "lundi 23 novembre 2026 à 14 h 32"),
        ("2026-11-26T18:00", "jeudi 26 novembre 2026 à 18 h"),
        ("2026-03-01T09:05", "dimanche 1er mars 2026 à 9 h 05"),
        ("2026-08-15T00:00", "samedi 15 août 2026 à 0 h"),
    ],
)
def test_a_date_in_words(when, words):
    assert PARIS.in_words(at(when)) == words


def test_the_same_instant_is_told_in_the_time_of_the_place():
    reunion = WorkingDays("Indian/Reunion")
    assert reunion.in_words(at("2026-11-23T23:32")) == "mardi 24 novembre 2026 à 2 h 32"
    assert reunion.zone_in_words() == "heure de Reunion"


def test_today_is_said_so():
    now = at("2026-11-23T10:41")
    assert PARIS.by(at("2026-11-23T18:00"), now) == "aujourd'hui 18 h"
    assert PARIS.on(at("2026-11-23T16:00"), now) == "aujourd'hui à 16 h"
    assert PARIS.by(at("2026-11-24T18:00"), now) == "le mardi 24 novembre 2026 à 18 h"
    assert PARIS.on(at("2026-11-24T18:00"), now) == "mardi 24 novembre 2026 à 18 h"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "1 min"), (59 * 60, "59 min"), (3600, "1 h"), (47 * 3600, "47 h"), (172800, "2 jours")],
)
def test_an_age_in_words(seconds, words):
    assert age(seconds) == words


def test_the_first_of_a_month_is_an_ordinal():
    assert day_in_words(datetime.date(2027, 1, 1)) == "vendredi 1er janvier 2027"


@pytest.mark.parametrize(
    ("now", "hours", "then"),
    [
        ("2026-11-23 10:00", 3, "2026-11-23 13:00"),
        ("2026-11-23 15:00", 3, "2026-11-23 18:00"),
        ("2026-11-23 17:00", 3, "2026-11-24 11:00"),
        ("2026-11-23 07:00", 1, "2026-11-23 10:00"),
        ("2026-11-23 22:00", 1, "2026-11-24 10:00"),
        ("2026-11-27 17:30", 1, "2026-11-30 09:30"),  # over a weekend
        ("2026-12-24 17:00", 2, "2026-12-28 10:00"),  # Christmas is a Friday
        ("2026-11-23 09:00", 27, "2026-11-25 18:00"),
        ("2027-03-26 17:00", 2, "2027-03-30 10:00"),  # the clock goes forward, Easter Monday
    ],
)
def test_hours_of_work_are_counted_alone(now, hours, then):
    assert PARIS.after(at(now), hours * 3600, (9, 18)) == at(then)
