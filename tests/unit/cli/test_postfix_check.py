"""What `config check --postfix` says of our set-ups, and of each way to spoil one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gateway.cli import postfix_files
from gateway.cli.postfix_check import hurts
from gateway.config import read_config
from gateway.errors import Misconfigured

DEPLOY = Path(__file__).parents[3] / "deploy" / "postfix"
STOCK = """\
pickup    unix  n       -       y       60      1       pickup
cleanup   unix  n       -       y       -       0       cleanup
smtp      unix  -       -       y       -       -       smtp
lmtp      unix  -       -       y       -       -       lmtp
"""
LISTENS = "smtp      inet  n       -       y       -       40      smtpd\n"
SET_UPS = {
    "before-queue": (["before-queue.master.cf"], ["common.main.cf"]),
    "after-queue": (["after-queue.master.cf", None], ["common.main.cf", "after-queue.main.cf"]),
    "milter": (["milter.master.cf", None], ["common.main.cf", "milter.main.cf"]),
}


def a_folder(folder: Path, set_up: str) -> Path:
    masters, mains = SET_UPS[set_up]
    texts = [(DEPLOY / name).read_text() if name else LISTENS for name in masters]
    (folder / "master.cf").write_text(STOCK + "\n".join(texts))
    (folder / "main.cf").write_text("\n".join((DEPLOY / name).read_text() for name in mains))
    return folder


def a_config(folder: Path, **more: object):
    written = {
        "domains": ["ch-exemple.example"],
        "doors": {
            "smtp": {"listen": "127.0.0.1:10025"},
            "lmtp": {"listen": "127.0.0.1:10024"},
            "milter": {"listen": "127.0.0.1:10023"},
        },
        "relay": {"default": {"host": "127.0.0.1", "port": 10026, "tls": "none"}},
    }
    (folder / "gateway.yaml").write_text(yaml.safe_dump(written | more))
    return read_config(folder / "gateway.yaml")


def found(folder: Path, **more: object) -> list[str]:
    return list(map(str, hurts(postfix_files.read(folder), a_config(folder, **more))))


@pytest.mark.parametrize("set_up", SET_UPS)
def test_our_own_recipes_hurt_nobody(tmp_path, set_up):
    assert found(a_folder(tmp_path, set_up)) == []


NO_MILTERS = "no_header_body_checks,no_milters"
SPOILT = [
    ("milter", "main", "milter_default_action = tempfail", "milter_default_action = accept",
     "sans contrôle"),
    ("milter", "main", "milter_content_timeout = 300s", "milter_content_timeout = 1m",
     "avant la réponse"),
    ("milter", "main", "milter_protocol = 6", "milter_protocol = 2", "milter_protocol = 2"),
    ("milter", "main", "smtpd_milters = inet:127.0.0.1:10023",
     "smtpd_milters = inet:127.0.0.1:10023, inet:127.0.0.1:8891", "un autre milter vient après"),
    ("milter", "main", "smtpd_milters = inet:127.0.0.1:10023",
     "smtpd_milters = { inet:127.0.0.1:10023, default_action=accept }", "sans contrôle"),
    ("milter", "main", "smtpd_milters = inet:127.0.0.1:10023",
     "smtpd_milters = { inet:localhost:8891, default_action=tempfail },"
     " { inet:127.0.0.1:10023, default_action = accept }", "sans contrôle"),
    ("milter", "main", "smtpd_milters = inet:127.0.0.1:10023",
     "smtpd_milters = { inet:127.0.0.1:10023, content_timeout=20s }", "avant la réponse"),
    ("milter", "main", "milter_default_action = tempfail", "milter_default_action = reject",
     "reviennent"),
    ("milter", "main", "milter_default_action = tempfail", "milter_default_action = quarantine",
     "en attente"),
    ("milter", "master", NO_MILTERS, f"{NO_MILTERS},no_address_mappings", "alias"),
    ("milter", "main", "milter_protocol = 6", "smtpd_milter_maps = cidr:/etc/postfix/maps",
     "smtpd_milter_maps"),
    ("milter", "master", "smtp      inet", "submission inet n - y - 40 smtpd"
     " -o smtpd_milters=inet:localhost:8891\nsmtp      inet", "submission ne mène pas au filtre"),
    ("milter", "master", "smtp      inet", "587 inet n - y - 40 smtpd"
     " -o receive_override_options=no_milters\nsmtp      inet", "587 ne mène pas au filtre"),
    ("after-queue", "master", "smtp      inet", "submission inet n - y - 40 smtpd"
     " -o content_filter=\nsmtp      inet", "submission ne mène pas au filtre"),
    ("before-queue", "master", "-       20      smtpd", "-       300     smtpd", "processus"),
    ("milter", "main", "non_smtpd_milters = $smtpd_milters", "#", "non_smtpd_milters"),
    ("milter", "main", "milter_protocol = 6", "virtual_alias_maps = hash:/etc/postfix/virtual",
     "virtual_alias_maps"),
    ("milter", "master", NO_MILTERS, "no_header_body_checks", "tourne en rond"),
    ("milter", "master", "127.0.0.1:10026 inet", "127.0.0.1:10099 inet", "n'écoute pas"),
    ("milter", "master", "-       40      smtpd", "-       5000    smtpd", "processus"),
    ("after-queue", "main", "content_filter = vaguemestre:[127.0.0.1]:10024", "#", "rien ne mène"),
    ("after-queue", "main", "content_filter = vaguemestre:", "content_filter = autre:", "autre"),
    ("after-queue", "main", "_recipient_limit = 1000", "_recipient_limit = 50", "plusieurs fois"),
    ("after-queue", "main", "message_size_limit = 52428800", "message_size_limit = 104857600",
     "refuse"),
    ("after-queue", "main", "message_size_limit = 52428800", "message_size_limit = 0", "refuse"),
    ("after-queue", "main", "smtp_line_length_limit = 0", "#", "DKIM"),
    ("after-queue", "main", "smtputf8_enable = yes", "enable_original_recipient = no",
     "adresse d'origine"),
    ("after-queue", "master", "-o lmtp_line_length_limit=0", "-o lmtp_line_length_limit=998",
     "DKIM"),
    ("after-queue", "master", "-o lmtp_data_done_timeout=600s", "-o lmtp_data_done_timeout=30s",
     "avant la réponse"),
    ("after-queue", "master", "-o lmtp_send_xforward_command=yes", "", "numéro de file"),
    ("after-queue", "master", "    -o content_filter=\n", "", "tourne en rond"),
    ("after-queue", "master", ",no_address_mappings", "", "deuxième fois"),
    ("before-queue", "master", "-o smtpd_proxy_timeout=100s", "-o smtpd_proxy_timeout=60s",
     "avant la réponse"),
]  # fmt: skip


@pytest.mark.parametrize(("set_up", "file", "old", "new", "told"), SPOILT)
def test_what_hurts_is_told_where_it_stands_and_how_to_mend_it(
    tmp_path, set_up, file, old, new, told
):
    folder = a_folder(tmp_path, set_up)
    path = folder / f"{file}.cf"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert any(told in one for one in found(folder)), found(folder)
    assert all(one.startswith(("main.cf", "master.cf")) for one in found(folder))
    assert all("Remède : " in one for one in found(folder))


INNOCENT = [
    ("milter", "main", "milter_default_action = tempfail", "milter_default_action = shutdown",
     "the client tries again"),
    ("milter", "main", "smtpd_milters = inet:127.0.0.1:10023",
     "smtpd_milters = { inet:localhost:8891, default_action=accept }, inet:127.0.0.1:10023",
     "another milter may be left out"),
    ("milter", "master", "40      smtpd\n", "40      smtpd\n    -o smtpd_milters=\n",
     "port 25 may take the world's mail only"),
    ("milter", "master", "smtp      inet",
     "127.0.0.1:10027 inet n - y - 40 smtpd -o smtpd_milters=\nsmtp      inet",
     "what comes back from another filter"),
    ("after-queue", "master", "smtp      inet",
     "submission inet n - y - 40 smtpd\nsmtp      inet", "main.cf's filter holds for it"),
    ("milter", "master", "40      smtpd", "300     smtpd", "an MTA is many clients"),
]  # fmt: skip


@pytest.mark.parametrize(("set_up", "file", "old", "new", "why"), INNOCENT)
def test_of_what_hurts_nobody_nothing_is_said(tmp_path, set_up, file, old, new, why):
    folder = a_folder(tmp_path, set_up)
    path = folder / f"{file}.cf"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert found(folder) == []


def test_a_milter_on_a_unix_socket_is_known_by_its_name(tmp_path):
    folder = a_folder(tmp_path, "milter")
    main = (folder / "main.cf").read_text()
    socket = "unix:/vaguemestre/milter.sock"  # below the queue: Postfix may live in a chroot
    (folder / "main.cf").write_text(main.replace("inet:127.0.0.1:10023", socket))
    doors = {"milter": {"listen": "unix:/var/spool/postfix/vaguemestre/milter.sock"}}
    assert found(folder, doors=doors) == []
    assert any("rien ne mène" in one for one in found(folder))


def test_a_hop_elsewhere_is_not_looked_for_here(tmp_path):
    folder = a_folder(tmp_path, "before-queue")
    relay = {"default": {"host": "mta2.example", "port": 10099, "tls": "none"}}
    assert found(folder, relay=relay) == []


def read(folder: Path, main: str, master: str = STOCK) -> postfix_files.Postfix:
    (folder / "main.cf").write_text(main)
    (folder / "master.cf").write_text(master)
    return postfix_files.read(folder)


def test_main_cf_is_read_as_postfix_reads_it(tmp_path):
    main = (
        "# a comment\n\na = 1\n  2\n# in between\n\n\t3\nb=$a ${a} $(c)x $$\nb2 = ${c?yes}${c:no}\n"
        "c =\nd = first\nd = last\nloop = $loop\n"
    )
    postfix = read(tmp_path, main)
    assert postfix.of("a").value == "1 2 3"
    assert postfix.of("b").value == "1 2 3 1 2 3 x $"
    assert postfix.of("b2").value == "no"
    assert postfix.of("d") == postfix_files.Setting("last", "main.cf:12")
    assert postfix.of("loop").value.startswith("$loop") or not postfix.of("loop").value
    assert postfix.of("milter_protocol") == postfix_files.Setting("6")


def test_options_of_a_service_win(tmp_path):
    master = STOCK + (
        "10026 inet n - n - - smtpd -o content_filter= -v\n"
        "  -o { mynetworks = 127.0.0.0/8, [::1]/128 }\n  -o x=$y\n"
    )
    postfix = read(tmp_path, "content_filter = a:b\ny = z\n", master)
    service = postfix.services[-1]
    assert (service.name, service.program, service.most) == ("10026", "smtpd", None)
    assert postfix.of("content_filter", service).value == ""
    assert postfix.of("content_filter").value == "a:b"
    assert postfix.of("mynetworks", service).value == "127.0.0.0/8, [::1]/128"
    assert postfix.of("x", service).value == "z"


def test_tabs_and_options_of_other_programs_are_read_past(tmp_path):
    master = STOCK + (
        "25 inet n - n - - smtpd\t-o content_filter=\t-o a=b -o\n"
        "list unix - n n - - pipe flags=R argv=/usr/bin/list -o/var/x=y -oi -f ${sender}\n"
    )
    smtpd, pipe = read(tmp_path, "content_filter = a:b\n", master).services[-2:]
    assert smtpd.program == "smtpd"
    assert {name: one.value for name, one in smtpd.options.items()} == {
        "content_filter": "",
        "a": "b",
    }
    assert pipe.options == {}


@pytest.mark.parametrize(
    ("main", "master", "told"),
    [
        ("nothing\n", STOCK, "main.cf:1"),
        ("a = 1\n", "smtp inet n\n", "master.cf:1"),
    ],
)
def test_what_is_no_postfix_is_told_with_its_line(tmp_path, main, master, told):
    with pytest.raises(Misconfigured, match=told):
        read(tmp_path, main, master)


def test_a_folder_without_postfix_is_told(tmp_path):
    with pytest.raises(Misconfigured, match=r"main\.cf"):
        postfix_files.read(tmp_path)
