"""Clients that never finish a request: how long the console waits, and for how many."""

import asyncio
import socket

import pytest

from gateway.console import patience, server


async def _answer(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"ok"})


async def _served(scene):
    sock, stopping = socket.create_server(("127.0.0.1", 0)), asyncio.Event()
    serving = asyncio.create_task(server.serve(_answer, sock, stopping))
    try:
        async with asyncio.timeout(60):
            await scene(sock.getsockname()[1])
    finally:
        stopping.set()
        await serving


async def _open(port, said=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    return reader, writer


UNFINISHED = [
    (b"", "nothing"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX-", "half a header"),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx", "half a form"),
]


@pytest.mark.parametrize(("said", "why"), UNFINISHED, ids=[why for _, why in UNFINISHED])
def test_a_request_that_does_not_end_is_not_waited_for(said, why, monkeypatch):
    monkeypatch.setattr(patience, "SECONDS", 0.2)

    async def scene(port):
        reader, writer = await _open(port, said)
        while await reader.read(1000):  # to the end that the console makes
            pass
        writer.close()

    asyncio.run(_served(scene))


def test_nor_is_a_second_one_on_the_same_connection(monkeypatch):
    async def scene(port):
        reader, writer = await _open(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(patience, "SECONDS", 0.2)
        writer.write(b"GET")
        assert await reader.read() == b""
        writer.close()

    asyncio.run(_served(scene))


def test_of_too_many_the_longest_unfinished_gives_way(monkeypatch):
    monkeypatch.setattr(patience, "MOST", 3)

    async def scene(port):
        slow = [await _open(port, b"GET / HT") for _ in range(12)]
        reader, writer = await _open(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        for first, _ in slow[:9]:
            assert await first.read() == b"", "it gave way"
        for _, one in (*slow, (reader, writer)):
            one.close()

    asyncio.run(_served(scene))
