"""The supervisor's port, asked over a real socket."""

import json
import socket
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from gateway.watch import health
from gateway.watch.health import Pages, serve


@contextmanager
def served(pages, host="127.0.0.1"):
    server = serve(host, 0, pages)
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def ask(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def pages(waiting=(), metrics=lambda: b"vaguemestre_x 1\n"):
    return Pages(metrics, lambda: list(waiting), lambda: ["monitor ends on 2026-12-22"])


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/metrics", 200, b"vaguemestre_x 1\n"),
        ("/metrics?debug=1", 200, b"vaguemestre_x 1\n"),
        ("/healthz", 200, b"ok\n"),
        ("/", 404, b"/metrics /healthz /readyz\n"),
        ("/../etc/passwd", 404, b"/metrics /healthz /readyz\n"),
    ],
)
def test_each_path_has_its_answer(path, status, said):
    with served(pages()) as url:
        assert ask(url + path)[::2] == (status, said)


@pytest.mark.parametrize(("waiting", "status"), [((), 200), (("door 1", "release"), 503)])
def test_ready_is_when_every_process_is(waiting, status):
    with served(pages(waiting)) as url:
        code, kind, body = ask(url + "/readyz")
    assert (code, kind) == (status, "application/json")
    assert json.loads(body) == {
        "ready": not waiting,
        "waiting_for": list(waiting),
        "soon": ["monitor ends on 2026-12-22"],
    }


def test_alive_while_not_ready():
    with served(pages(("door 1",))) as url:
        assert ask(url + "/healthz")[0] == 200


def test_a_page_that_fails_says_nothing_and_takes_nothing_down():
    def fails():
        raise ValueError("zoe@mail.example")

    with served(pages(metrics=fails)) as url:
        assert ask(url + "/metrics")[::2] == (500, b"not now\n")
        assert ask(url + "/healthz")[0] == 200


def test_a_request_that_is_none_is_not_served_and_nothing_breaks():
    with served(pages()) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall(b"\x16\x03\x01 not http\r\n\r\n")
            client.recv(1000)
        assert ask(url + "/healthz")[0] == 200


def test_on_ipv6():
    with served(pages(), "::1") as url:
        assert ask(url + "/healthz")[0] == 200


def test_a_port_taken_is_an_error_at_the_start():
    with served(pages()) as url, pytest.raises(OSError):
        serve("127.0.0.1", int(url.rpartition(":")[2]), pages())


@pytest.mark.parametrize("said", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nX: "])
def test_a_request_that_does_not_end_is_not_waited_for(said, monkeypatch):
    monkeypatch.setattr(health, "SECONDS", 0.2)
    with served(pages()) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall(said)
            assert client.recv(1000) == b""


def test_of_too_many_connections_the_oldest_gives_way(monkeypatch):
    monkeypatch.setattr(health, "MOST", 3)
    with served(pages()) as url:
        port = int(url.rpartition(":")[2])
        slow = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(20)]
        assert ask(url + "/healthz")[0] == 200
        assert [one.recv(100) for one in slow[:17]] == [b""] * 17, "no thread waits for them"
        for one in slow:
            one.close()
