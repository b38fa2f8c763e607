"""`vaguemestre history` and `vaguemestre directory`: from the files that others write."""

from __future__ import annotations

import base64
import gzip
import json
import os
import sqlite3
from datetime import date

import pytest

from gateway.cli.mail_logs import mails

AGNES, PAUL, LABO = "agnes@chu.example", "paul@chu.example", "dr.martin@labo.example"
POSTFIX = f"""\
Nov 20 10:00:00 mx postfix/smtpd[1]: 4AAAAA: client=poste[10.0.0.1]
Nov 20 10:00:00 mx postfix/qmgr[2]: 4AAAAA: from=<{AGNES}>, size=900, nrcpt=1 (queue active)
Nov 20 10:00:01 mx postfix/lmtp[3]: 4AAAAA: to=<{LABO}>, relay=127.0.0.1:24, status=sent (250)
Nov 20 10:00:01 mx postfix/qmgr[2]: 4AAAAA: removed
Nov 20 10:00:01 mx postfix/qmgr[2]: 4BBBBB: from=<{AGNES}>, size=990, nrcpt=2 (queue active)
Nov 20 10:00:02 mx postfix/smtp[4]: 4BBBBB: to=<{LABO}>, relay=mx[192.0.2.1]:25, status=sent (250)
Nov 20 10:00:02 mx postfix/smtp[4]: 4BBBBB: to=<x@y.example>, relay=mx:25, status=deferred
Nov 20 10:00:03 mx postfix/qmgr[2]: 4BBBBB: removed
Nov 20 10:00:04 mx postfix/qmgr[2]: 4CCCCC: from=<>, size=990, nrcpt=1 (queue active)
Nov 20 10:00:04 mx postfix/smtp[4]: 4CCCCC: to=<{LABO}>, relay=mx[192.0.2.1]:25, status=sent (250)
Nov 20 10:00:05 mx postfix/qmgr[2]: 4CCCCC: removed
Nov 20 10:00:05 mx sshd[9]: 4CCCCC: from=<evil@x.example>
Nov 20 10:00:05 mx postfix/qmgr[2]: 4DDDDD: from=<{PAUL}>, size=1, nrcpt=1 (queue active)
half a li"""
EXCHANGE = f"""\
#Software: Microsoft Exchange Server
#Fields: date-time,client-ip,event-id,recipient-address,message-subject,sender-address
2026-11-20T10:00:00.1Z,10.0.0.1,RECEIVE,{LABO},x,{AGNES}
2026-11-20T10:00:00.2Z,10.0.0.1,SENDEXTERNAL,{LABO};b@labo.example,"Re, x",{AGNES}
2026-11-20T10:00:00.3Z,10.0.0.1,SEND,broken
2026-11-20T10:00:00.4Z,10.0.0.1,DELIVER,{PAUL},y,{AGNES}
"""
WRITTEN = date(2026, 11, 22)
DAY = date(2026, 11, 20).toordinal()


def journal():
    for line in POSTFIX.splitlines()[:-1]:
        _, _, rest = line.partition(" mx ")
        name, _, said = rest.partition("[")
        pid, _, said = said.partition("]: ")
        told = {"SYSLOG_IDENTIFIER": name, "_PID": pid, "MESSAGE": said}
        yield json.dumps(told | {"__REALTIME_TIMESTAMP": "1795170000000000"}) + "\n"
    yield '{"MESSAGE": [1, 2], "SYSLOG_IDENTIFIER": "postfix/qmgr"}\n'
    yield "{half"


def read(lines, written=WRITTEN):
    return [(one.sender, one.recipients, one.day) for one in mails(lines, written)]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (POSTFIX.splitlines(), [(AGNES, (LABO,), DAY)]),
        (
            [line.replace("Nov 20 ", "2026-11-20T", 1) for line in POSTFIX.splitlines()],
            [(AGNES, (LABO,), DAY)],
        ),
        (list(journal()), [(AGNES, (LABO,), date(2026, 11, 20).toordinal())]),
        (
            EXCHANGE.splitlines(),
            [(AGNES, (LABO, "b@labo.example"), DAY), (AGNES, (PAUL,), DAY)],
        ),
    ],
    ids=["postfix", "postfix with whole dates", "journal", "exchange"],
)
def test_what_left_is_read_from_each_kind_of_log(lines, found):
    """Not what went to our own filter, was deferred, or is still under way."""
    assert read(lines) == found


def test_a_date_without_a_year_is_the_last_there_was():
    lines = [line.replace("Nov 20", "Dec 31") for line in POSTFIX.splitlines()]
    assert read(lines)[0][2] == date(2025, 12, 31).toordinal()


def pairs(folder):
    with sqlite3.connect(folder / "vaguemestre.db") as database:
        return database.execute("SELECT weight, day FROM pairs").fetchall()


def test_a_log_is_learnt_once_whatever_its_name_and_packing(configured, vaguemestre):
    plain, packed = configured / "mail.log.1", configured / "mail.log.2.gz"
    plain.write_text(POSTFIX)
    packed.write_bytes(gzip.compress(POSTFIX.replace(AGNES, PAUL).encode(), mtime=0))
    for path in (plain, packed):
        os.utime(path, (1795305600, 1795305600))  # 22 November 2026
    first = vaguemestre("history", "import", plain, packed)
    assert first.status == 0
    assert first.out.count("1 messages appris, 0 déjà connus") == 2
    known = pairs(configured)
    assert [day for _, day in known] == [DAY, DAY]
    again = vaguemestre("history", "import", plain.rename(configured / "autre"))
    assert "0 messages appris, 1 déjà connus" in again.out
    assert pairs(configured) == known


def test_what_is_known_of_an_address_is_shown_and_erased(configured, vaguemestre):
    today = date.today().isoformat()
    lines = [line.replace("Nov 20 ", f"{today}T", 1) for line in POSTFIX.splitlines()]
    (configured / "mail.log").write_text("\n".join(lines))
    vaguemestre("history", "import", configured / "mail.log")
    (told,) = vaguemestre("history", "show", AGNES.upper(), "--json").lines
    assert told == {"address": AGNES.upper(), "writes_to": [LABO], "writers": 0, "staff": True}
    assert "lui écrivent : 1" in vaguemestre("history", "show", LABO).out
    assert "3 lignes effacées" not in vaguemestre("history", "forget", LABO).out
    (told,) = vaguemestre("history", "show", AGNES, "--json").lines
    assert told["writes_to"] == []
    assert "Rien n'était su" in vaguemestre("history", "forget", LABO).out


def test_protected_mailboxes_are_not_learnt_from_logs_either(configured, vaguemestre):
    with (configured / "gateway.yaml").open("a") as file:
        file.write(f"history: {{protected: [{AGNES}]}}\n")
    (configured / "mail.log").write_text(POSTFIX)
    assert "0 messages appris" in vaguemestre("history", "import", configured / "mail.log").out
    assert pairs(configured) == []


LDIF = f"""\
dn: uid=agnes,ou=people,dc=chu,dc=example
mail: Agnes@chu.example
manager: paul.chef@chu.example

dn: uid=zoe
mail:: {base64.b64encode("zoé@chu.example".encode()).decode()}
proxyAddresses: SMTP:zoe.long.nom@chu.exa
 mple
mail: dehors@ailleurs.example
"""


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.csv", "Nom;Courriel\r\nPetit;AGNES@chu.example\r\nX;x@y.example\r\n", [AGNES]),
        ("a.csv", f'"Zoé","{PAUL}"\n"Ana","{AGNES}"\n'.encode("cp1252"), [AGNES, PAUL]),
        ("a.csv", f"courriel\t{AGNES}\r\n".encode("utf-16"), [AGNES]),
        ("a.txt", f"{AGNES}\n<{PAUL}>\n", [AGNES, PAUL]),
        (
            "a.ldif",
            LDIF,
            [AGNES, "zoe.long.nom@chu.example", "zoé@chu.example"],
        ),
    ],
    ids=["csv", "Excel's old csv", "Excel's other one", "a list", "ldif"],
)
def test_staff_are_read_from_what_a_directory_exports(
    configured, vaguemestre, name, content, found
):
    path = configured / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    tried = vaguemestre("directory", "import", path, "--dry-run")
    assert "rien n'est changé" in tried.out
    assert vaguemestre("directory", "list", "--json").lines == []
    done = vaguemestre("directory", "import", path)
    assert f"{len(found)} adresses lues, {len(found)} nouvelles, 0 retirées" in done.out
    listed = vaguemestre("directory", "list", "--json").lines
    assert listed == [{"address": one, "source": "file"} for one in found]


def test_a_list_without_one_of_ours_empties_nothing(configured, vaguemestre):
    (configured / "a.csv").write_text(AGNES)
    vaguemestre("directory", "import", configured / "a.csv")
    (configured / "b.csv").write_text("x@y.example")
    assert vaguemestre("directory", "import", configured / "b.csv").status == 1
    assert AGNES in vaguemestre("directory", "search", "AGN").out
    assert vaguemestre("directory", "search", "zoe").status == 1
