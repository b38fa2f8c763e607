"""A Message-ID's keyed hash: the same from a mail and from a hand, and nothing of it in clear."""

import pytest

from gateway.store import message_id

KEY = b"k" * 32
GIVEN = message_id.of_id(KEY, b"a.b@c.example")


@pytest.mark.parametrize(
    "content",
    [
        b"Message-ID: <a.b@c.example>\r\n\r\nx",
        b"Subject: x\r\nMESSAGE-id:<a.b@c.example>\r\nTo: y\r\n\r\n",
        b"Message-Id:\r\n <a.b@c.example>\r\nSubject: x\r\n\r\n",
        b"Message-ID: <a.b@\r\n\tc.example>\r\n\r\n",
        b"Message-ID: (un) <a.b@c.example> (mot)\r\n",
        b"Message-ID: a.b@c.example",
        b"Message-ID: <a.b@c.example>\r\nMessage-ID: <other@c.example>\r\n\r\n",
    ],
)
def test_it_is_found_however_it_is_written(content):
    assert message_id.of_mail(KEY, content) == GIVEN
    assert len(GIVEN) == 64


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Subject: x\r\n\r\nMessage-ID: <a.b@c.example>\r\n",
        b"X-Message-ID: <a.b@c.example>\r\n\r\n",
        b"Message-ID:\r\n\r\n",
        b"Message-ID: <>\r\n\r\n",
    ],
)
def test_a_mail_without_one_has_none(content):
    assert message_id.of_mail(KEY, content) == ""


def test_one_of_a_megabyte_costs_no_more_than_its_beginning():
    long = b"<" + b"a" * 1_000_000 + b">"
    assert message_id.of_mail(KEY, b"Message-ID: " + long) == message_id.of_id(KEY, long)


def test_another_key_gives_another():
    assert message_id.of_id(b"x" * 32, b"a.b@c.example") != GIVEN
