"""The milter door over a unix socket and over TCP: mails a second on one connection, by turns.

    tools/bench milter [--seconds 3] [--rounds 2]

The client sends packets as Postfix does: one small write each, without waiting where no answer is
due. "TCP, late": without TCP_QUICKACK, which shows what it is for: the client's kernel holds each
small piece back until the last is acknowledged, and ours waits up to 40 ms to do so. Nothing is
inspected: the door alone is measured, in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import socket
import struct
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from gateway.model import Mail, Reply, Stay
from gateway.receive import milter
from gateway.receive.door import Door, DoorSettings

WAYS = ("unix", "TCP", "TCP, late")
BODY = b"Bonjour, la reunion est a 14 h.\r\n" * 120  # 4 KB


def packet(command: bytes, data: bytes = b"") -> bytes:
    return struct.pack("!I", len(data) + 1) + command + data


HELLO = packet(b"O", struct.pack("!III", 6, 0x1FF, 0x1FFFFF))
FIELDS = [packet(b"L", b"X-%d\0 un\0" % n) for n in range(8)]
MAIL = [  # and whether an answer is due
    (packet(b"M", b"<agent@ch-exemple.example>\0"), True),
    (packet(b"R", b"<patiente@exemple.example>\0"), True),
    *((field, False) for field in FIELDS),
    (packet(b"B", BODY), False),
    (packet(b"E"), True),
]


async def _stays(mail: Mail) -> Mapping[str, Reply]:
    return dict.fromkeys(mail.envelope.addresses, Reply(250, "2.0.0", ("Ok",), Stay()))


def serve(sock: socket.socket, way: str) -> None:
    if way == "TCP, late":
        milter._QUICKACK = None

    async def listen() -> None:
        settings = DoorSettings("milter", "gw.example")
        door = Door(settings, _stays, lambda mail, heard: None, event=lambda name, fields: None)
        await door.serve(sock)

    asyncio.run(listen())


def mails(client: socket.socket, seconds: float) -> float:
    """A second."""
    client.sendall(HELLO)
    answer(client)
    began, done = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        for sent, due in MAIL:
            client.sendall(sent)
            if due:
                answer(client)
        done += 1
    return done / (time.monotonic() - began)


def answer(client: socket.socket) -> None:
    head = client.recv(4, socket.MSG_WAITALL)
    client.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)


def measured(way: str, seconds: float, folder: Path) -> float:
    if way == "unix":
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(folder / f"{time.monotonic_ns()}"))
        sock.listen()
    else:
        sock = socket.create_server(("127.0.0.1", 0))
    door = multiprocessing.get_context("fork").Process(target=serve, args=(sock, way), daemon=True)
    door.start()
    try:
        with socket.socket(sock.family) as client:
            client.connect(sock.getsockname())
            return mails(client, seconds)
    finally:
        door.terminate()
        door.join()
        sock.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    best = dict.fromkeys(WAYS, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(chosen.rounds):
            for way in WAYS:
                best[way] = max(best[way], measured(way, chosen.seconds, Path(folder)))
    print(f"{'way':<12}{'mails/s':>10}{'of unix':>10}")
    for way, found in best.items():
        print(f"{way:<12}{found:>10,.0f}{found / best['unix']:>10.2f}")


if __name__ == "__main__":
    main()
