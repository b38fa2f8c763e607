"""A reader that was taken over tries to get out: as root and as a plain user, layer by layer.

test ─▶ escapes.py (root or plain) ─▶ zygote ─▶ worker ─▶ hostile.py
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox import hostile, users

REFUSED = {
    "Operation not permitted",
    "Permission denied",
    "Cannot allocate memory",
    "Function not implemented",
}
NO_MORE = {"Too many open files", "Resource temporarily unavailable"}

LIES = (
    "lie_bad_json",
    "lie_wrong_type",
    "lie_extra_field",
    "lie_object",
    "lie_huge_length",
    "lie_truncated",
    "lie_trailing",
    "lie_pickle",
    "lie_nesting",
    "lie_pathological_number",
    "lie_nothing",
    "lie_short_length",
    "lie_long_length",
    "lie_negative",
    "lie_unknown_kind",
    "lie_unknown_trouble",
    "lie_long_place",
    "lie_many_parts",
)
FAMILIES = ("inet", "inet6", "unix", "netlink", "packet", "alg")
FORKS = ("system_call clone 17 0", "system_call clone3 0 0")  # 17: SIGCHLD
if os.uname().machine == "x86_64":  # others have but these two
    FORKS_THAT_KILL: tuple[str, ...] = ("system_call fork", "system_call vfork")
else:
    FORKS_THAT_KILL = ()

# What must come of it with every layer on; "refused" means that the act itself was told no.
OUTCOMES = {
    **{f"open_socket {family}": "crashed" for family in FAMILIES},
    **dict.fromkeys(FORKS, "refused"),
    **dict.fromkeys(FORKS_THAT_KILL, "crashed"),
    "system_call memfd_create 0 0": "refused",
    "system_call shmget 0 4096 950": "refused",
    "system_call sched_setscheduler 0 0 0": "refused",
    "open_file {database}": "refused",
    "write_file {database}": "refused",
    "write_file /proc/self/oom_score_adj": "refused",
    "open_file {secret}": "refused",
    "open_file /etc/passwd": "refused",
    "write_file {folder}/new": "refused",
    "look_at_file {secret}": "refused",
    "list_directory {folder}": "refused",
    "read_memory_of_parent": "refused",
    "read_environment_of_parent": "refused",
    "fork": "refused",
    "thread": "crashed",
    "execute": "crashed",
    "become_root": "crashed",
    "trace_parent": "crashed",
    "kill_parent": "crashed",
    "kill_all": "crashed",
    "raise_limits": "crashed",
    "allocate": "too_big",
    "break": "refused",
    "map": "refused",
    "much": "too_big",
    "loop": "timed_out",
    "loop_in_c": "timed_out",
    "hang_up": "crashed",
    **{f"signal {number}": "refused" for number in (1, 2, 9, 11, 14, 15, 19)},
    "sleep": "timed_out",
    "flood": "crashed",
    "exit": "crashed",
    "crash": "crashed",
    "abort": "crashed",
    "recurse": "crashed",
    **dict.fromkeys(LIES, "crashed"),
}


class Scene:
    """A key and a database that the worker's user may read, a folder it may write to, a server."""

    def __init__(self, folder: Path, user: str) -> None:
        self.folder = folder
        self.folder.chmod(0o777)
        self.secret = folder / "key"
        self.secret.write_text("secret")
        self.secret.chmod(0o444)  # the layers must do without the file's own rights
        self.database = folder / "vaguemestre.db"
        with sqlite3.connect(self.database) as database:
            database.execute("CREATE TABLE held (sender)")
        database.close()
        self.database.chmod(0o666)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)
        self.user = user

    def named(self, act: str) -> str:
        port = self.server.getsockname()[1]
        paths = {"folder": self.folder, "secret": self.secret, "database": self.database}
        return act.format(port=port, **paths)

    def play(self, acts: tuple[str, ...], without: tuple[str, ...] = ()) -> dict[str, Any]:
        named = {self.named(act): act for act in acts}
        told = json.dumps({"acts": list(named), "without": without})
        lines = users.run(self.user, "-m", "tests.sandbox.escapes", told).splitlines()
        outcomes = {}
        for line in lines:
            outcome = json.loads(line)
            outcomes[named.get(outcome["act"], outcome["act"])] = outcome
        return outcomes


@pytest.fixture(scope="module", params=users.USERS)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder), request.param)
        yield scene
        scene.server.close()


@pytest.fixture(scope="module")
def outcomes(scene: Scene) -> dict[str, Any]:
    believed = ("nothing else", "status", "descriptors", "flood_errors", "answer_twice")
    return scene.play((*believed, *OUTCOMES, "nothing last"))


def test_an_honest_reader_is_believed(outcomes):
    assert outcomes["nothing else"]["values"] == ["else"]
    assert outcomes["nothing else"]["coverage"] == ["whole"]


@pytest.mark.parametrize("act", OUTCOMES)
def test_nothing_is_got_away_with(outcomes, act):
    outcome, expected = outcomes[act], OUTCOMES[act]
    assert outcome["values"] == []
    if expected == "refused":
        assert set(outcome["details"]) <= REFUSED
        assert outcome["troubles"] == ["unsupported"]
    else:
        assert outcome["troubles"] == [expected]
        assert outcome["coverage"] == ["unread"]


def test_noise_on_standard_output_and_errors_goes_nowhere(outcomes):
    """Nor does it mix with what the door itself writes there, or nothing here could be decoded."""
    assert outcomes["flood_errors"]["values"] == [""]


def test_a_second_answer_is_nobody_s(outcomes):
    """The next message has a worker and a socket of its own; the first is refused, or stands."""
    outcome = outcomes["answer_twice"]
    assert (outcome["troubles"], outcome["coverage"]) in (
        ([], ["whole"]),
        (["crashed"], ["unread"]),
    )
    assert outcomes[next(iter(OUTCOMES))]["troubles"] == ["crashed"]


def test_the_wall_still_stands_after_all_of_it(outcomes):
    assert outcomes["nothing last"]["values"] == ["last"]


def test_nothing_was_written(scene, outcomes):
    assert {path.name for path in scene.folder.iterdir()} == {"key", "vaguemestre.db"}


def test_a_worker_has_but_one_descriptor_that_leads_anywhere(outcomes):
    (told,) = outcomes["descriptors"]["values"]
    assert len(json.loads(told)) == 4


def test_a_worker_is_never_root(scene, outcomes):
    uid, effective, _ = outcomes["status"]["values"][0].split(maxsplit=2)
    assert 0 not in (int(uid), int(effective))
    if scene.user == "root":
        assert (int(uid), int(effective)) == (65534, 65534)


def test_a_worker_has_no_capability_and_can_gain_none(outcomes):
    shown = outcomes["shown"]["values"]
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(shown[name], 16) == 0, name
    assert shown["NoNewPrivs"] == "1"


def test_the_memory_of_a_worker_is_closed_to_others_of_its_user(outcomes):
    assert outcomes["shown"]["values"]["Owner"] == "0"


def test_a_worker_is_alone_under_a_filter(outcomes):
    shown = outcomes["shown"]["values"]
    assert (shown["Threads"], shown["Seccomp"]) == ("1", "2")


def test_the_environment_of_the_door_stays_outside(outcomes):
    environment = outcomes["status"]["values"][0].split(maxsplit=3)[3]
    assert "PYTHONDONTWRITEBYTECODE" not in environment  # given to the door by users.py


def test_what_this_kernel_does_not_give_is_said(scene, outcomes):
    missing = set(outcomes["degraded"]["values"])
    assert missing <= ({"uid", "network"} if scene.user == "plain" else set())
    assert ("uid" in missing) == (scene.user == "plain")


def test_without_the_filter_files_and_network_are_still_refused(scene):
    """Landlock, the empty network and the limits, with all system calls open."""
    acts = (
        "open_file {secret}",
        "write_file {folder}/new",
        "list_directory {folder}",
        "connect {port}",
        "fork",
        "kill_parent",
        "read_memory_of_parent",
        "nothing last",
    )
    outcomes = scene.play(acts, without=("seccomp",))
    assert "seccomp" in outcomes["degraded"]["values"]
    for act in acts[:-1]:
        assert outcomes[act]["values"] == [], act
        assert outcomes[act]["troubles"] == ["unsupported"], act
    assert outcomes["nothing last"]["values"] == ["last"]
    with pytest.raises(BlockingIOError):
        scene.server.accept()


def test_without_filter_and_landlock_the_limits_and_the_user_still_hold(scene):
    acts = ("open_file {secret}", "write_file {folder}/new", "fork", "connect {port}", "allocate")
    outcomes = scene.play(acts, without=("seccomp", "landlock"))
    for act in acts[:3]:
        assert set(outcomes[act]["details"]) <= NO_MORE | REFUSED, act
        assert outcomes[act]["values"] == [], act
    assert outcomes["connect {port}"]["values"] == []
    assert outcomes["allocate"]["troubles"] == ["too_big"]
    with pytest.raises(BlockingIOError):
        scene.server.accept()


def test_the_acts_do_succeed_where_nothing_forbids_them(scene):
    """Or the refusals above would prove nothing."""
    for act in (
        "open_file {secret}",
        "look_at_file {secret}",
        "list_directory {folder}",
        "open_socket inet6",
        "open_socket unix",
        "open_socket netlink",
        "map",
    ):
        name, _, argument = scene.named(act).partition(" ")
        assert hostile.ACTS[name](argument)
    assert hostile.ACTS["connect"](str(scene.server.getsockname()[1])) == "connected"
    scene.server.accept()[0].close()
