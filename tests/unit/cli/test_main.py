"""The command as a whole: what it is called with, what it costs to start, how it fails."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer

from gateway import __version__
from gateway.cli import main

COMMANDS = {name: command for name in main.COMMANDS for command in [main._loaded(name)]}
LEAVES = {
    (name, *sub): leaf
    for name, command in COMMANDS.items()
    for sub, leaf in (
        {(one,): below for one, below in command.commands.items()}.items()
        if hasattr(command, "commands")
        else {(): command}.items()
    )
}
DESIGNED = """
init serve reload scan explain channels extract evaluate trace run
bypass.on bypass.off bypass.status
config.check config.show rules.check rules.test rules.list
quarantine.list quarantine.show quarantine.release quarantine.reject quarantine.purge
keys.init keys.rotate keys.list keys.grant allow.add allow.list
dkim.new dkim.list dkim.check dkim.retire certificates.list certificates.check certificates.import
users.add users.invite users.disable users.forget-second-factor users.list
users.token users.tokens users.revoke-token submission.add submission.remove submission.list
users.forget-passkeys users.forget-identity relay.test
backup restore store.copy retention completion portal.list portal.recall incident
directory.import directory.sync directory.list directory.search
history.import history.show history.forget
mssante.check mssante.list mssante.find secrets.set secrets.forget
"""
HEAVY = {"sqlalchemy", "pydantic", "cryptography", "aiosmtpd", "dns", "pypdfium2", "yaml"}


def python(code: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], input=stdin, capture_output=True, timeout=60
    )


def test_these_commands_and_no_others():
    assert {".".join(leaf) for leaf in LEAVES} == set(DESIGNED.split())


CONFIGURED = [leaf for leaf in LEAVES if leaf != ("completion",)]  # which knows of no gateway


@pytest.mark.parametrize("leaf", CONFIGURED, ids=" ".join)
def test_every_command_takes_a_configuration(leaf):
    options = {option for parameter in LEAVES[leaf].params for option in parameter.opts}
    assert "--config" in options


@pytest.mark.parametrize("leaf", [(), *LEAVES], ids=" ".join)
def test_every_command_has_a_help(vaguemestre, leaf):
    said = vaguemestre(*leaf, "--help")
    assert (said.status, said.err) == (0, "")
    if leaf in CONFIGURED:
        assert "--config" in said.out


@pytest.mark.parametrize("name", main.COMMANDS)
def test_one_command_one_file(name):
    module = import_module(f"gateway.cli.{name}")
    assert isinstance(getattr(module, "app", None), typer.Typer) or callable(getattr(module, name))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_no_library_is_loaded_for_a_glance(arguments):
    code = "import sys\nfrom gateway.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print('modules:', *sys.modules)"
    loaded = python(code, *arguments).stdout.decode().rpartition("modules:")[2].split()
    assert not HEAVY & set(loaded)


def test_the_version(vaguemestre):
    assert vaguemestre("--version").out == f"vaguemestre {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["scan", "--bogus", "x"], ["quarantine", "show"], ["rules", "bogus"]]
)
def test_wrong_usage_is_2_and_says_nothing_on_stdout(vaguemestre, arguments):
    said = vaguemestre(*arguments)
    assert (said.status, said.out) == (2, "")


def test_a_typing_error_is_guessed(vaguemestre):
    assert "'quarantine'" in vaguemestre("quarantne").err


def test_an_unexpected_error_tells_where_and_never_what():
    """Its text may quote a mail."""
    code = (
        "from gateway.cli import main, extract\n"
        "def broken(*_): raise ValueError('canari secret')\n"
        "extract.inspection.extracts = broken\n"
        "main.main()"
    )
    done = python(code, "extract", "-", stdin=b"canari secret")
    assert done.returncode == 2
    assert b"canari" not in done.stderr + done.stdout
    assert b"ValueError" in done.stderr
    assert b"extract.py" in done.stderr


def test_bash_completes_commands_and_options(tmp_path):
    """As a shell does it: the script, and its function called with what was typed."""
    program = tmp_path / "vaguemestre"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m gateway.cli.main "$@"\n')
    program.chmod(0o755)
    typed = {"quar": ["quarantine"], "quarantine re": ["release", "reject"], "scan --j": ["--json"]}
    asked = "".join(
        f"COMP_WORDS=(vaguemestre {words}); COMP_CWORD={len(words.split())}; "
        '_vaguemestre_completion vaguemestre; echo "${COMPREPLY[@]}"; '
        for words in typed
    )
    script = f'PATH={tmp_path}:$PATH; eval "$(vaguemestre completion bash)"; {asked}'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert [line.split() for line in done.stdout.splitlines()] == [*typed.values()], done.stderr


@pytest.mark.parametrize(
    ("shell", "said"), [("zsh", "#compdef vaguemestre"), ("fish", "complete --command vaguemestre")]
)
def test_other_shells_get_theirs(vaguemestre, shell, said):
    assert said in vaguemestre("completion", shell).out


@pytest.mark.parametrize("leaf", LEAVES, ids=" ".join)
def test_no_help_is_broken_where_the_source_is(leaf):
    assert all("\n" not in one for one in LEAVES[leaf].help.split("\n\n"))


def test_a_closed_pipe_is_no_traceback(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("mot " * 200_000)
    command = f"{sys.executable} -m gateway.cli.main extract {path} | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=100)
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_a_file_name_that_is_no_text(tmp_path):
    name = bytes(tmp_path) + b"/\xff\xfe.eml"
    with open(name, "wb") as file:
        file.write(b"From: a@b.example\r\n\r\nx")
    code = (
        "import sys\nfrom gateway.cli.main import main\n"
        "*_, name = sys.argv\n"
        "for option in ([], ['--json']):\n"
        "    sys.argv[1:] = ['scan', *option, name]\n"
        "    try: main()\n"
        "    except SystemExit as end: print('ended', end.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, timeout=100)
    assert (done.stdout.count(b"ended 0"), done.stderr) == (2, b"")
