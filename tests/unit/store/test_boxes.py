"""Passwords that recipients chose: written without a key, read by whoever has it alone."""

from __future__ import annotations

import os

import pytest

from gateway.parcel import is_token
from gateway.store.boxes import Boxes, Office, id_of
from gateway.store.hmac_key import HmacKey

PAUL, SECRET = "paul@cabinet.example", "cheval agrafe juste pile"
DAY = 86400.0
KEY = HmacKey(bytes(32))


@pytest.fixture
def now():
    return [1_000_000_000.0]


@pytest.fixture
def boxes(tmp_path, now):
    return Boxes(tmp_path / "boxes", 365 * DAY, clock=lambda: now[0])


@pytest.fixture
def office(boxes):
    return Office(boxes, KEY)


def files(boxes):
    return sorted(boxes._folder.glob("*"))


def test_what_was_chosen_is_read_by_whoever_has_the_key(boxes, office):
    assert office.chosen(PAUL) is None
    box = office.box(PAUL)
    boxes.choose(box, SECRET)
    assert office.chosen("Paul@Cabinet.example").secret == SECRET
    assert office.chosen(PAUL).token == box.token
    assert office.chosen("eve@cabinet.example") is None


def test_a_box_has_one_token_that_stands_in_links_and_nobody_computes_without_the_key(boxes):
    token = Office(boxes, KEY).box(PAUL).token
    assert is_token(token)
    assert Office(boxes, KEY).box(PAUL.upper()).token == token
    assert Office(boxes, HmacKey(os.urandom(32))).box(PAUL).token != token


def test_neither_name_nor_content_of_the_file_tells_anything(boxes, office):
    box = office.box(PAUL)
    boxes.choose(box, SECRET)
    [path] = files(boxes)
    for told in (PAUL, SECRET, box.token):
        assert told.encode() not in path.read_bytes()
        assert told not in path.name
    assert path.stat().st_mode & 0o007 == 0


def test_another_key_opens_nothing_and_a_later_one_still_does(boxes, office):
    boxes.choose(office.box(PAUL), SECRET)
    other = HmacKey(os.urandom(32))
    assert Office(boxes, other).chosen(PAUL) is None
    other.former = (bytes(KEY),)
    assert Office(boxes, other).chosen(PAUL).secret == SECRET


def test_what_lies_in_another_box_or_holds_for_longer_than_it_was_to_does_not_open(boxes, office):
    boxes.choose(office.box(PAUL), SECRET)
    [path] = files(boxes)
    path.with_name(id_of(office.box("eve@cabinet.example").token)).write_bytes(path.read_bytes())
    assert office.chosen("eve@cabinet.example") is None
    path.write_bytes(b"\x7f" + path.read_bytes()[1:])
    assert office.chosen(PAUL) is None


def test_the_latest_counts_until_it_is_withdrawn(boxes, office):
    box = office.box(PAUL)
    boxes.choose(box, "le premier des deux")
    boxes.choose(box, SECRET)
    assert office.chosen(PAUL).secret == SECRET
    assert boxes.withdraw(box.token)
    assert not boxes.withdraw(box.token)
    assert office.chosen(PAUL) is None
    assert not office.forget(PAUL)


def test_it_ends_by_itself_and_the_sweep_takes_it(boxes, office, now):
    box = office.box(PAUL)
    boxes.choose(box, SECRET)
    now[0] += 364 * DAY
    assert boxes.sweep() == 0
    assert boxes.has(box.token)
    now[0] += 2 * DAY
    assert not boxes.has(box.token)
    assert office.chosen(PAUL) is None
    assert boxes.sweep() == 1
    assert files(boxes) == []


def test_a_folder_that_is_not_there_or_a_file_cut_short_is_no_password(boxes, office):
    assert boxes.sweep() == 0
    boxes.choose(office.box(PAUL), SECRET)
    [path] = files(boxes)
    for length in (0, 7, 8, 60):
        path.write_bytes(path.read_bytes()[:length])
        assert office.chosen(PAUL) is None


@pytest.mark.parametrize("secret", ["", "court", "x" * 101, "deux\nlignes de texte"])
def test_what_no_page_would_have_taken_is_no_password_though_it_is_sealed(boxes, office, secret):
    """A portal that was taken over has documents encrypted to nothing at all, else."""
    boxes.choose(office.box(PAUL), secret)
    assert office.chosen(PAUL) is None


@pytest.mark.parametrize("held_open", [False, True], ids=["nobody writes", "somebody could"])
def test_a_pipe_in_the_place_of_a_password_keeps_nobody_waiting(boxes, office, held_open):
    boxes.choose(office.box(PAUL), SECRET)
    [path] = files(boxes)
    path.unlink()
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR) if held_open else None
    assert office.chosen(PAUL) is None
    assert boxes.sweep() == 1
    if writer is not None:
        os.close(writer)


def test_a_link_is_not_followed_and_a_folder_does_not_end_the_sweep(boxes, office, now):
    boxes.choose(office.box(PAUL), SECRET)
    [path] = files(boxes)
    path.replace(kept := path.parent.with_name("elsewhere"))
    path.symlink_to(kept)
    assert office.chosen(PAUL) is None
    path.unlink()
    (path.parent / ".folder").mkdir()
    os.utime(path.parent / ".folder", (0, 0))
    boxes.choose(office.box(PAUL), SECRET)
    now[0] += 400 * DAY
    assert boxes.sweep() == 1
