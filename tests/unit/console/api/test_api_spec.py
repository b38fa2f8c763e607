"""The description of the API: current, whole, and held against the API by a generator that knows
both. `make api` does that for longer."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from gateway.console import server
from gateway.console.access import Act
from gateway.console.api import route, spec
from tests.unit.console import seeing
from tests.unit.console.api.conftest import Open, guard, program
from tools import api_page

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "operateur" / "api.md").read_text("utf-8")
HELD = tuple(f"7K2F-9QX{letter}" for letter in "DEFGHJKM")
EXAMPLES = int(os.environ.get("API_EXAMPLES", "0"))
# What a valid request may still be answered, for a state or a meaning that no schema tells.
REFUSALS = ["2xx", "401", "403", "404", "409", "412", "422"]
# And an invalid one: also for its length, before anybody looks at what is wrong with it.
REJECTIONS = ["400", "401", "403", "404", "413", "415", "422"]


def test_the_description_in_docs_is_current():
    assert api_page.PATH.read_text("utf-8") == api_page.build(), "run `make pages`"


def test_the_description_has_every_route_once_under_a_name_of_its_own():
    written = {
        (method.upper(), path.removeprefix(spec.ROOT)): one["operationId"]
        for path, item in spec.document()["paths"].items()
        for method, one in item.items()
    }
    assert written.keys() == {(one.method, one.path) for one in route.every()}
    assert len(set(written.values())) == len(written)
    assert not [name for name in spec.document()["components"]["schemas"] if "__" in name]


def test_only_the_description_itself_asks_for_no_token():
    free = [one.path for one in route.every() if one.act is Act.SIGN_IN]
    assert free == ["/openapi.json"]


def test_every_function_of_a_route_says_what_it_does():
    for one in route.every():
        assert 10 < len(one.contract.summary) < 120, one.path


def against(console, secret, phase):
    """Everything that the generator finds wrong, in words."""
    phases = {name: {"enabled": name == phase} for name in ("examples", "coverage", "fuzzing")}
    settings = {
        "headers": {"Authorization": f"Bearer {secret}"},
        "generation": {
            "max-examples": EXAMPLES or 1,
            "deterministic": not EXAMPLES,
            "database": "none",
        },
        "phases": phases | {"stateful": {"enabled": False}},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": REFUSALS},
            "negative_data_rejection": {"expected-statuses": REJECTIONS},
        },
    }
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", console.app, config=config)

    @schema.hook
    def map_path_parameters(context, path_parameters):
        """Mostly mails that are there."""
        drawn = sum(map(ord, str((path_parameters or {}).get("id", ""))))
        return path_parameters | {"id": HELD[drawn % 8]} if drawn % 4 else path_parameters

    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield str(event)
        if isinstance(event, events.ScenarioFinished):
            yield from complaints(event)


def complaints(event):
    for case, checks in event.recorder.checks.items():
        answer = event.recorder.interactions[case].response
        for check in checks:
            if check.status.value != "success":
                yield f"{event.label}: {check.name}: {answer and answer.content[:300]!r}"


@pytest.mark.parametrize("phase", ["fuzzing", "coverage"] if EXAMPLES else ["fuzzing"])
@pytest.mark.timeout(3600 if EXAMPLES else 120)
def test_no_request_is_answered_but_as_described(console, run, phase):
    async def prepare():
        for hold in HELD:
            await seeing.held(console, code=hold)
        guard(console, Open())
        return await program(console, "claire", "officer", "admin")

    one = run(prepare())
    assert list(against(console, one.secret, phase)) == []


def examples():
    """(shell, what is answered: as much of it as the page shows, or None)"""
    block = re.compile(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```)?", re.MULTILINE | re.DOTALL)
    return [(shell, json.loads(said) if said else None) for shell, said in block.findall(PAGE)]


def shows(answer, shown):
    """Whether all that is shown is there, whatever the values."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(
            key in answer and shows(answer[key], value) for key, value in shown.items()
        )
    if isinstance(shown, list) and shown and isinstance(shown[0], dict):
        return all(shows(one, shown[0]) for one in answer)
    return isinstance(answer, type(shown)) or answer is None or shown is None


def test_the_examples_of_the_page_do_what_it_says(console):
    """By curl, over HTTP, in the order of the page."""
    assert len(examples()) > 6, "or the pattern is wrong"

    async def walk():
        await seeing.held(console, code=HELD[0])
        one = await program(console, "claire", "officer", acts=list(Act))
        sock = socket.create_server(("127.0.0.1", 0))
        stopping = asyncio.Event()
        serving = asyncio.create_task(server.serve(console.app, sock, stopping))
        address = f"http://127.0.0.1:{sock.getsockname()[1]}"
        known = os.environ | {"JETON": one.secret, "CONSOLE": address, "no_proxy": "127.0.0.1"}
        for shell, said in examples():
            command = shell.replace("curl -s", "curl -s --fail-with-body")
            done = await asyncio.to_thread(
                subprocess.run, ["bash", "-c", command], env=known, capture_output=True, check=False
            )
            assert done.returncode == 0, (shell, done.stdout, done.stderr)
            assert said is None or shows(json.loads(done.stdout), said), (shell, done.stdout)
        stopping.set()
        await serving

    asyncio.run(walk())
