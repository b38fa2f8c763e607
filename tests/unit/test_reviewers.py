"""Who has a say in a mail, and what becomes of it by what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.config import Config
from gateway.reviewers import Absence, End, Group, Vote, could_ever, end_of, readers

NOW, DUE = 1_000.0, 2_000.0
THREE = Group(frozenset({"ana", "bo", "cy"}), frozenset({"dee"}))


def away(who, delegate="", until=DUE):
    return Absence(who, until, delegate)


@pytest.mark.parametrize(
    ("authors", "absences", "able"),
    [
        ((), [], {"ana", "bo", "cy"}),
        (("ana",), [], {"bo", "cy"}),
        ((), [away("ana")], {"bo", "cy"}),
        ((), [away("ana", "dee")], {"dee", "bo", "cy"}),
        ((), [away("ana", "bo")], {"bo", "cy"}),
        ((), [away("ana", "eve")], {"bo", "cy"}),
        ((), [away("ana", "dee"), away("dee")], {"bo", "cy"}),
        ((), [away("ana", "dee"), away("dee", "eve")], {"bo", "cy"}),
        ((), [away("ana", "dee", until=NOW)], {"ana", "bo", "cy"}),
        (("ana",), [away("ana", "bo")], {"cy"}),
        (("ana",), [away("ana", "dee"), away("bo", "dee")], {"cy"}),
        (("eve",), [away("eve", "bo")], {"ana", "cy"}),
        (("dee",), [away("ana", "dee")], {"bo", "cy"}),
    ],
    ids=[
        "all of them",
        "nobody reads what he wrote",
        "who is away has no say",
        "his stand-in has it",
        "a stand-in who is a member has it anyway",
        "no stranger stands in",
        "nor who is away himself",
        "and no stand-in's stand-in",
        "who is back has his say, and his stand-in none",
        "nor who stands in for the author",
        "not for another either",
        "though the author be in no group",
        "nor an author who stands in for somebody",
    ],
)
def test_whose_word_counts(authors, absences, able):
    assert readers(THREE, authors, absences, NOW) == able


YES, NO = True, False


@pytest.mark.parametrize(
    ("votes", "quorum", "now", "end"),
    [
        ([], 1, NOW, None),
        ([], 1, DUE, End.OVERDUE),
        ([("ana", YES)], 1, NOW, End.AGREED),
        ([("ana", YES)], 1, DUE + 1, End.AGREED),
        ([("ana", NO)], 1, NOW, End.REFUSED),
        ([("ana", YES)], 2, NOW, None),
        ([("ana", YES), ("ana", YES)], 2, NOW, None),
        ([("ana", YES), ("ana", YES)], 2, DUE, End.OVERDUE),
        ([("ana", YES), ("bo", YES)], 2, NOW, End.AGREED),
        ([("ana", YES), ("bo", NO)], 2, NOW, End.REFUSED),
        ([("ana", YES), ("ana", NO), ("bo", YES)], 2, NOW, End.AGREED),
        ([("ana", NO), ("bo", YES), ("cy", YES)], 2, NOW, End.REFUSED),
    ],
)
def test_what_their_words_make_of_it(votes, quorum, now, end):
    assert end_of([Vote(*vote) for vote in votes], quorum, DUE, now) == end


@pytest.mark.parametrize(
    ("authors", "quorum", "able"),
    [((), 4, True), ((), 5, False), (("ana",), 3, True), (("ana", "dee"), 3, False)],
)
def test_a_group_of_too_few_others_could_never_agree(authors, quorum, able):
    assert could_ever(Group(THREE.members, THREE.delegates, quorum), authors) is able


PEOPLE = st.sampled_from(["ana", "bo", "cy", "dee", "eve"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), PEOPLE, st.booleans()),
        st.tuples(st.just("leaves"), PEOPLE, PEOPLE, st.floats(0, 900)),
        st.tuples(st.just("waits"), st.floats(0, 400)),
    ),
    max_size=25,
)


@given(
    steps=STEPS,
    authors=st.frozensets(PEOPLE, max_size=2),
    members=st.frozensets(PEOPLE, min_size=1),
    delegates=st.frozensets(PEOPLE, max_size=2),
    quorum=st.integers(1, 3),
)
def test_whatever_happens_it_leaves_by_enough_others_in_time_and_never_otherwise(
    steps, authors, members, delegates, quorum
):
    """Each step as the store takes it: a word is noted where it counts at that moment."""
    group, now, absences = Group(members, delegates, quorum), NOW, {}
    votes, ends = [], []
    for step in steps:
        if step[0] == "waits":
            now += step[1]
        elif step[0] == "leaves":
            _, who, delegate, long = step
            absences[who] = Absence(who, now + long, delegate if delegate != who else "")
        elif ends[-1:] == [None] or not ends:
            _, who, agrees = step
            open_still = end_of(votes, quorum, DUE, now) is None
            if open_still and who in readers(group, authors, absences.values(), now):
                votes.append(Vote(who, agrees))
                stands_for = {a.delegate for a in absences.values() if a.who in authors}
                gone = {a.who for a in absences.values() if now < a.until}
                assert who not in authors
                assert who not in gone
                assert now < DUE
                assert who in members or who in delegates
                still = {a.delegate for a in absences.values() if a.who in authors & gone}
                assert who not in stands_for & still
                again = [*votes, Vote(who, True), Vote(who, False)]
                assert end_of(again, quorum, DUE, now) == end_of(votes, quorum, DUE, now)
        end = end_of(votes, quorum, DUE, now)
        if ends and ends[-1] is not None:
            assert end == ends[-1], "what has ended stays as it ended"
        ends.append(end)
    first = {}  # words: later ones of the same person change nothing
    for vote in votes:
        first.setdefault(vote.who, vote.agrees)
    agreed = {who for who, yes in first.items() if yes}
    refused = first.keys() - agreed
    if ends and ends[-1] is End.AGREED:
        assert len(agreed) == quorum
        assert not refused
    elif ends and ends[-1] is End.REFUSED:
        assert len(refused) == 1
        assert votes[-1].who in refused
    elif ends and ends[-1] is End.OVERDUE:
        assert now >= DUE
        assert len(agreed) < quorum


def read(**groups):
    return Config.model_validate({"domains": ["chu.example"], "reviewers": groups})


def test_a_group_is_read_as_it_is_written():
    two = ("a@chu.example", "b@chu.example")
    group = read(direction={"members": two, "delegates": ["c@chu.example"]}).reviewers["direction"]
    assert (group.members, group.delegates, group.quorum) == (two, ("c@chu.example",), 1)
    assert read().reviewers == {}


@pytest.mark.parametrize(
    ("name", "group", "complaint"),
    [
        ("direction", {"members": []}, "at least 1 item"),
        ("Direction", {"members": ["a@chu.example", "b@chu.example"]}, "no name of a group"),
        ("direction", {"members": ["a@chu.example"]}, "too few others"),
        ("direction", {"members": ["a@chu.example", "A@chu.example"]}, "too few others"),
        (
            "direction",
            {"members": ["a@chu.example", "b@chu.example"], "quorum": 2},
            "too few others",
        ),
        (
            "direction",
            {"members": ["a@chu.example", "b@gmail.example"]},
            "outside our domains",
        ),
        (
            "direction",
            {"members": ["a@chu.example"], "delegates": ["b@gmail.example"]},
            "outside our domains",
        ),
        ("direction", {"members": ["a@chu.example", "b@chu.example"], "quorum": 0}, "quorum"),
    ],
)
def test_a_group_that_could_not_read_is_refused(name, group, complaint):
    with pytest.raises(ValidationError) as refused:
        read(**{name: group})
    refusals = [error.get("ctx", {}).get("refusals", ()) for error in refused.value.errors()]
    assert complaint in str(refused.value) + str(refusals)
