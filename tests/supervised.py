"""A process for the supervisor's tests: python supervised.py ROLE [--socket=FD] --status FD.

serve: says "ready", answers each connection with its pid, ends at SIGTERM. refuse: status 2.
changes: serves the first time, refuses ever after (--mark=FILE tells it). dies: ends at once.
deaf: serves, and ignores SIGTERM. babbles: says what is no status, then serves.
asks: as serve, and asks for a reload once connected to.
lingers: as serve, with a process of its own that keeps the status socket open.
blind: as serve, and its canary is not caught. With --as=ROLE: as that, and whoever is connected has
his answer before SIGTERM ends it.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys

role, options = sys.argv[1], dict(a.lstrip("-").split("=", 1) for a in sys.argv[2:] if "=" in a)
role = options.get("as", role)
status = socket.socket(fileno=int(sys.argv[-1]))
if role == "refuse" or (role == "changes" and os.path.exists(options["mark"])):
    sys.exit(2)
if role == "changes":
    open(options["mark"], "x").close()
if role == "dies":
    sys.exit(1)
if role == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if role == "babbles":
    status.sendall(b'{"event": "rules"}\n[1]\nnot json\n')
if role == "lingers":
    until_parted = f"import socket; socket.socket(fileno={status.fileno()}).recv(1)"
    subprocess.Popen([sys.executable, "-c", until_parted], pass_fds=[status.fileno()])
if role == "blind":
    status.sendall(b'{"event": "canary", "outcome": "unseen", "within": 60}\n')
status.sendall(json.dumps({"event": "ready"}).encode() + b"\n")
door = socket.socket(fileno=int(options["socket"]))
told, tell = socket.socketpair()
if "as" in options:
    signal.signal(signal.SIGTERM, lambda *_: tell.send(b"x"))
door.setblocking("as" not in options)
while True:
    if "as" in options:
        ready, _, _ = select.select([door, told], [], [])
        if told in ready:
            break
    try:
        client, _ = door.accept()
    except BlockingIOError:  # another was quicker
        continue
    client.sendall(f"{os.getpid()}".encode())
    if role == "asks":
        status.sendall(b'{"event": "reload"}\n')
    client.close()
