"""Promise 4: no personal data leaves by our own doing.

Canary values are put wherever a mail can hold one; mails with them are passed, held, encrypted,
refused, deferred and broken, at DEBUG level. Then everything that the gateway wrote or said is
searched for them: log, standard error, metrics, notices, SMTP replies, what a SIEM was told, the
database, its files.
"""

from __future__ import annotations

import base64
import quopri
import smtplib
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.collector import Collecting
from tests.e2e.gateway import OURS, Gateway, Internet, eventually

# Each stands in one place only, so that a leak tells where it came from.
BODY, SUBJECT, PERSON = "CANARIBODY", "CANARISUBJECT", "CANARIPERSON"
FILE, LOCAL, HEADER = "CANARIFILE", "canarilocal", "CANARIHEADER"
NIR, LOCAL_NIR = "285097599999837", "279035121518989"
CANARIES = (BODY, SUBJECT, PERSON, FILE, HEADER, NIR, "2 85 09 75 999 998 37", LOCAL_NIR)
SENDER = f"{LOCAL}@{OURS}"
SHOWN = "retenu.example"  # a domain, in clear

TEXT = f"{BODY}\r\nMme {PERSON} Anne, née le 14/09/1985, NIR 2 85 09 75 999 998 37, diabète.\r\n"


def mail(text: str = TEXT, attachment: bytes = b"", to: str = "dehors@exemple.example") -> bytes:
    """canary by canary: subject, display name, own header, body, file name"""
    parts = [
        f"From: {PERSON} <{SENDER}>\r\nTo: {PERSON} <{to}>\r\nSubject: {SUBJECT} {NIR}\r\n"
        f"X-Patient: {HEADER}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    ]
    if attachment:
        parts.append(
            f'--b\r\nContent-Type: application/zip; name="{FILE}.zip"\r\n'
            "Content-Transfer-Encoding: base64\r\n"
            f'Content-Disposition: attachment; filename="{FILE}.zip"\r\n\r\n'
            f"{base64.b64encode(attachment).decode()}\r\n"
        )
    return "".join([*parts, "--b--\r\n"]).encode()


@pytest.fixture(scope="module")
def siem():
    with Collecting() as there:
        yield there


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory, one_internet: Internet, siem: Collecting):
    tmp_path: Path = tmp_path_factory.mktemp("leaks")
    rule = tmp_path / "rules" / "site"
    rule.mkdir(parents=True)
    (rule / "no.yaml").write_text(
        "id: site/no\ntitle: Refus\nwhen:\n  recipient: domain:refus.example\nthen: reject\n"
    )
    (rule / "held.yaml").write_text(
        "id: site/held\ntitle: Retenu\nwhen:\n  recipient: domain:retenu.example\n"
        "then: quarantine\nnotify: [sender, officer]\ngrave: true\n"
    )
    shipped = str(Path(__file__).parents[2] / "rules")
    told = {"url": f"syslog+tcp://127.0.0.1:{siem.port}", "addresses": "hashed"}
    more = {"rules": [shipped, str(tmp_path / "rules")], "siem": told}
    gateway = Gateway(tmp_path / "gateway", one_internet.hop.port, more)
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def house(one_house: Gateway, internet: Internet) -> Gateway:
    one_house.as_new()
    return one_house


def say(gateway: Gateway, content: bytes, *to: str, hang_up: bool = False) -> list[str]:
    """Everything the door says in one session."""
    said = []
    with smtplib.SMTP("127.0.0.1", gateway.smtp, timeout=60) as client:
        said.append(repr(client.ehlo()))
        said.append(repr(client.mail(SENDER)))
        said += [repr(client.rcpt(address)) for address in to]
        if hang_up:
            client.putcmd("DATA")
            client.getreply()
            client.send(content[: len(content) // 2])
            client.close()
        else:
            said.append(repr(client.data(content)))
    return said


@pytest.mark.e2e
def test_no_canary_is_in_anything_we_write_or_say(
    house: Gateway, internet: Internet, siem: Collecting
):
    internet.hop.says["RCPT TO:<plein@"] = "452 4.2.2 full"
    said = []
    said += say(house, mail(), f"collegue@{OURS}")  # passes
    said += say(house, mail(), "dehors@exemple.example")  # encrypted
    said += say(house, mail(), "x@retenu.example")  # held, grave
    said += say(house, mail(), f"{LOCAL_NIR}@retenu.example")  # an INS is a NIR
    said += say(house, mail(), "x@refus.example")  # refused
    said += say(house, mail(), f"plein@{OURS}")  # deferred by the next hop
    said += say(house, mail(attachment=b"PK\x03\x04" + BODY.encode() * 9), "y@retenu.example")
    said += say(house, mail(attachment=b"%PDF-1.7 " + b"\xff" * 99), "z@exemple.example")
    say(house, mail(), "dehors@exemple.example", hang_up=True)
    said += say(house, mail() + b"bare\nline\r\n", "dehors@exemple.example")  # smuggling: 550
    held = eventually(lambda: len(house.held()) >= 3 and house.held())
    house.command("quarantine", "release", held[0]["id"], "--reason", "essai")
    notices = eventually(lambda: told(internet) and told(internet))
    events = (b" held ", b" release ", b" mail-refused ", b" gateway-started ")
    eventually(lambda: all(any(one in frame for frame in siem.taken) for one in events))
    written = {
        "siem": b"\n".join(siem.taken).decode(),
        "replies": "\n".join(said).replace(LOCAL_NIR + "@retenu", "(as the client wrote it)"),
        "log": house.said(),
        "metrics": house.page("metrics"),
        "notices": "\n".join(notices),
        "tables": tables(house.root / "var" / "vaguemestre.db"),
        **{str(p): p.read_bytes().decode("latin-1") for p in files(house.root / "var")},
    }
    for where, text in written.items():
        for canary in (*CANARIES, LOCAL + "@"):
            found = canary.lower() in text.lower()
            assert not found or may_name(where, canary), f"{canary} in {where}"


def may_name(where: str, canary: str) -> bool:
    """The sender's own notice is addressed to the sender. Who of ours writes stands in one table,
    so in its file; `tables` has the others."""
    return canary == LOCAL + "@" and (where == "notices" or ".db" in Path(where).name)


def tables(path: Path) -> str:
    """All that the database says, but for the list of our own addresses (`gateway.store.staff`)."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")]
        readable = [name for name in names if name not in ("staff", "sqlite_sequence")]
        found = []
        for name in readable:
            with suppress(sqlite3.OperationalError):  # an index, a trigger
                found += map(repr, connection.execute(f'SELECT * FROM "{name}"'))
    assert any(SHOWN in row for row in found), "or nothing was read"
    return "\n".join(found)


def told(internet: Internet) -> list[str]:
    """Our notices as they arrived, decoded; released and passed mails are not ours."""
    ours = [
        one.content for one in internet.taken if b"Auto-Submitted: auto-generated" in one.content
    ]
    return [quopri.decodestring(content).decode("utf-8", "replace") for content in ours]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.e2e
def test_the_list_without_the_private_key_shows_domains_only(house: Gateway):
    say(house, mail(), f"{LOCAL_NIR}@retenu.example")
    eventually(house.held)
    keys = list((house.root / "var" / "keys").glob("officer-*.key"))
    for key in keys:
        key.rename(key.with_suffix(".away"))
    try:
        [held] = house.held()
    finally:
        for key in keys:
            key.with_suffix(".away").rename(key)
    assert held["recipients"] == ["…@retenu.example"]
    assert held["sender"] == f"…@{OURS}"
