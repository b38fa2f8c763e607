"""When the server of contents is away, slow, or lies: a failing disk, no more."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from dataclasses import replace

import pytest

from gateway.errors import Temporary
from gateway.store import s3_blobs
from gateway.store.blobs import is_name, new_name
from gateway.store.s3_blobs import Bucket, S3Blobs
from tests.makers.held import a_hold, a_letter, a_mail
from tests.object_store import object_store
from tests.stores import Store, fresh


@pytest.fixture
def refusing():
    """A port of which it is certain that nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def saying():
    """A server that answers each connection so, whatever it is asked, and closes it; None: it says
    nothing, ever."""
    closing = []

    def up(answer):
        listening = socket.create_server(("127.0.0.1", 0))
        closing.append(listening)

        def serve():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                closing.append(connection)
                if answer is not None:
                    connection.recv(65536)
                    connection.sendall(answer)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield up
    for one in closing:
        one.close()


def bucket(endpoint):
    return Bucket("held", endpoint, "us-east-1", "k", "very secret")


def all_of_it(blobs):
    """Everything that is asked of it, each by itself."""
    name = new_name()
    return {
        "write": lambda: blobs.write(name, [b"x"]),
        "open": lambda: blobs.open(name).read(),
        "size": lambda: blobs.size(name),
        "delete": lambda: blobs.delete([name]),
        "older": lambda: list(blobs.older_than(1.0)),
    }


def test_a_server_that_is_away_is_an_error_of_the_system(refusing):
    for ask in all_of_it(S3Blobs(bucket(refusing))).values():
        with pytest.raises(OSError) as caught:
            ask()
        assert not isinstance(caught.value, FileNotFoundError)
        assert "secret" not in str(caught.value)


ERROR = b"HTTP/1.1 %s\r\nContent-Length: 3\r\n\r\n<a>"


@pytest.mark.parametrize("status", [b"500 Oh", b"503 Slow Down", b"403 No", b"501 Not Implemented"])
def test_a_server_that_refuses_is_one_as_well(saying, status, monkeypatch):
    monkeypatch.setattr(s3_blobs, "RETRIES", 0)
    for ask in all_of_it(S3Blobs(bucket(saying(ERROR % status)))).values():
        with pytest.raises(OSError) as caught:
            ask()
        assert not isinstance(caught.value, FileNotFoundError)


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(saying, monkeypatch):
    monkeypatch.setattr(s3_blobs, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(s3_blobs, "RETRIES", 0)
    blobs = S3Blobs(bucket(saying(None)))
    for name in ("write", "open"):
        with pytest.raises(OSError):
            all_of_it(blobs)[name]()


def test_half_an_answer_is_no_content(saying, monkeypatch):
    monkeypatch.setattr(s3_blobs, "RETRIES", 0)
    dated = b"Last-Modified: Sun, 22 Nov 2026 18:00:00 GMT\r\nETag: x\r\n"
    half = b"HTTP/1.1 200 OK\r\n" + dated + b"Content-Length: 1000\r\n\r\n" + b"x" * 500
    stream = S3Blobs(bucket(saying(half))).open(new_name())
    with pytest.raises(OSError):
        stream.read()


@pytest.mark.parametrize("wrong", [{"password": "guessed"}, {"user": "nobody"}, {"ca": b""}])
def test_only_with_the_right_key_and_to_the_right_server(wrong):
    """Without its authority, the server could be anybody."""
    blobs = S3Blobs(replace(object_store().fresh(), **wrong))
    with pytest.raises(OSError):
        blobs.write(new_name(), [b"x"])


def test_the_environment_does_not_lead_contents_elsewhere(monkeypatch, refusing):
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        monkeypatch.setenv(name, refusing)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "another's")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    monkeypatch.setenv("AWS_BUCKET", "another")
    blobs = S3Blobs(object_store().fresh())
    blobs.write(name := new_name(), [b"x"])
    assert blobs.open(name).read() == b"x"


def test_a_secret_key_is_not_shown():
    assert "secret" not in repr(bucket("https://s3.example"))


def test_what_others_keep_in_the_bucket_is_never_taken_for_a_content():
    """It would be swept: nothing names it."""
    one = object_store().fresh()
    above, blobs = S3Blobs(one), S3Blobs(replace(one, prefix=one.prefix.rpartition("/")[0]))
    above.write(new_name(), [b"another gateway's, below us"])
    blobs.write("report.pdf", [b"x"])
    blobs.write(name := new_name(), [b"ours"])
    assert name in (seen := list(blobs.older_than(time.time() + 3600)))
    assert all(is_name(each) for each in seen)
    assert not set(seen) & set(above.older_than(time.time() + 3600))


def test_a_prefix_is_a_place_of_its_own():
    one = object_store().fresh()
    above, below = S3Blobs(replace(one, prefix=f"/{one.prefix}/")), S3Blobs(one)
    above.write(name := new_name(), [b"x"])
    assert below.size(name) == 1
    assert list(S3Blobs(object_store().fresh()).older_than(4e9)) == []


def test_nothing_is_held_while_it_is_away_and_what_is_held_waits(tmp_path, refusing):
    """451 at the door; the release is tried again."""
    store = Store(fresh("sqlite", tmp_path), tmp_path, blobs=S3Blobs(object_store().fresh()))
    away = Store(store.url, tmp_path, blobs=S3Blobs(bucket(refusing)))
    mail, other = a_mail(), a_mail("7K2F-9QX2")

    async def go():
        await store.custody.hold(mail, a_hold(mail), [a_letter()], [])
        with pytest.raises(Temporary):
            await away.custody.hold(other, a_hold(other), [a_letter()], [])
        with pytest.raises(Temporary):
            await away.holds.open(mail.id, store.private)
        assert [one.id for one in await store.holds.list()] == [mail.id]
        assert (await store.holds.open(mail.id, store.private)).mail.content == mail.content

    asyncio.run(go())
    store.database.close()
    away.database.close()
