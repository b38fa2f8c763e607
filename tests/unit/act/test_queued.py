"""The id that a next hop gives a mail, out of what servers say, and never anything else of it."""

import pytest

from gateway.act.queued import queued_as, told
from gateway.model import Reply
from gateway.ports import Delivery


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (("Ok: queued as 4XYZ1a",), "4XYZ1a"),
        (("Ok: queued as 0F2C31A8E5",), "0F2C31A8E5"),
        (("OK id=1tEabc-0000000-2d3e",), "1tEabc-0000000-2d3e"),
        (("5AMAxB012345 Message accepted for delivery",), "5AMAxB012345"),
        (("a1b2c3d4 Message accepted for delivery",), "a1b2c3d4"),
        (("Ok 7K2F-9QXD",), "7K2F-9QXD"),
        (("first line", "queued as 4XYZ1a"), "4XYZ1a"),
        (("Ok",), ""),
        (("<dupont@ch.example> sJ2kQ saved",), ""),
        (("Ok: queued as dupont@ch.example",), ""),
        (("Ok: queued as 279057512345678",), ""),
        (("Ok: queued as 2.79.05.75.123.456.78",), ""),
        (("queued as " + "a" * 65,), ""),
        (("x" * 600 + " queued as 4XYZ1a",), ""),
    ],
)
def test_the_id_is_found_and_nothing_that_could_be_a_person(text, name):
    assert queued_as(Reply(250, "2.0.0", text)) == name


def test_who_refused_gave_no_id():
    assert queued_as(Reply(451, "4.3.0", ("queued as 4XYZ1a",))) == ""


def test_the_detail_of_a_receipt():
    said = Reply(250, "2.0.0", ("Ok: queued as 4XYZ1a",))
    assert told(Delivery(said, "127.0.0.1:25")) == "127.0.0.1:25 250 4XYZ1a"
    assert told(Delivery(Reply(250, "", ()), "127.0.0.1:25")) == "127.0.0.1:25 250"
