"""From fields, as the submission door compares them with a user's own addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.receive.author import authors

END = b"Subject: x\r\n\r\nFrom: body@x.example\r\n"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"From: a@b.example\r\n", ("a@b.example",)),
        (b"from :A@B.example\r\n", ("a@b.example",)),
        (b"To: c@d.example\r\nFROM:\r\n Jean\r\n <a@b.example>\r\n", ("a@b.example",)),
        (b"From: =?utf-8?q?J=C3=A9?= <a@b.example>\r\n", ("a@b.example",)),
        (b"From: a@b.example (Jean), c@d.example\r\n", ("a@b.example", "c@d.example")),
        (b'From: "pdg@x.example" <a@b.example>\r\n', ("pdg@x.example", "a@b.example")),
        ("From: andré@café.example\r\n".encode(), ("andré@café.example",)),
    ],
)
def test_every_address_in_the_field_is_an_author(head, found):
    assert authors(head + END) == found


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"", "none: programs show nobody, or the envelope"),
        (b"From: Jean\r\n", "a name alone"),
        (b"From: a@b.example\r\nFrom: c@d.example\r\n", "programs differ in which they show"),
        (b"From: a@b.example\r\nfrom\t: a@b.example\r\n", "the same, in another spelling"),
        (b'From: "a b"@c.example, d@e.example\r\n', "a quoted local part is not compared"),
        (b"From: a@b.example, @c.example\r\n", "half an address"),
        (b"From: a@b.example@c.example\r\n", "two at once"),
        (b"From: \xe9 <a@b.example>\r\n", "not UTF-8"),
        (b"From: " + b"x" * 5_000 + b" a@b.example\r\n", "longer than any"),
    ],
)
def test_what_is_not_certain_has_no_author(head, why):
    assert authors(head + END) == (), why


def test_a_from_in_the_body_is_none():
    assert authors(b"Subject: x\r\n\r\nFrom: a@b.example\r\n\r\n") == ()


@given(st.text('ab@.<>"(), \\\r\n', max_size=60), st.sampled_from(["a@b", "x.y@c-d.example"]))
def test_no_address_hides_behind_another(noise, address):
    """Whatever stands around it: it is told, or nothing is."""
    noise = noise.replace("\r", "").replace("\n", "")
    found = authors(f"From: {noise} <{address}>\r\n\r\n".encode())
    assert found == () or address in found
