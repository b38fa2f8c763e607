"""A rule edited for a try, as its page does it: nothing is written, the files are the truth."""

from __future__ import annotations

import asyncio

from pydantic import Field

from gateway.console import edited
from gateway.console.access import Act
from gateway.console.api import problem
from gateway.console.api.problem import Problem
from gateway.console.api.resources.rules import (
    RuleTests,
    Trial,
    TrialResult,
    content_of,
    result,
)
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import Shape
from gateway.console.edited import Source
from gateway.decide.rules import RuleSet
from gateway.errors import Misconfigured
from gateway.model import Disposition, Verdict

_MOST_BYTES = 2 * 1024 * 1024 + 8 * edited.MOST_CHARACTERS  # a mail to try, and a rule in JSON
_MOST_ID = 200


class AskedSource(Shape):
    rule: str = Field(min_length=1, max_length=_MOST_ID)


class RuleSource(Shape):
    """path: of its file, below the directory of rules."""

    path: str
    yaml: str


class RuleEdit(Shape):
    """rule: the one in force. yaml: its whole file, edited. tests: run those beside it, before and
    after. trial: a text or a mail to judge both ways."""

    rule: str = Field(min_length=1, max_length=_MOST_ID)
    yaml: str = Field(min_length=1, max_length=edited.MOST_CHARACTERS)
    tests: bool = False
    trial: Trial | None = None


class EditTests(Shape):
    live: RuleTests
    edited: RuleTests


class EditedVerdict(Shape):
    """monitored: rules that would have done something, and are only observed."""

    recipient: str
    disposition: Disposition
    rule: str
    reasons: tuple[str, ...]
    monitored: tuple[str, ...]


class EditTrial(Shape):
    live: TrialResult
    edited: tuple[EditedVerdict, ...]


class EditResult(Shape):
    """complaint: why it does not load, file:line:column, else "". diff: unified, for whoever keeps
    the rules."""

    complaint: str
    diff: str
    tests: EditTests | None = None
    trial: EditTrial | None = None


async def source(call: Call, asked: AskedSource) -> RuleSource:
    """The file of a rule in force, as it stands on disk."""
    of = await _source(call, asked.rule)
    return RuleSource(path=of.name, yaml=of.text)


async def attempt(call: Call, body: RuleEdit) -> EditResult:
    """Load a rule as edited, beside the others, and try it. Nothing of it is written or kept."""
    of = await _source(call, body.rule)
    edit = await asyncio.to_thread(edited.edit, call.desk.bench, of, body.yaml)
    if edit.rules is None:
        return EditResult(complaint=edit.complaint, diff=edit.diff)
    return EditResult(
        complaint="",
        diff=edit.diff,
        tests=await _tests(call, of, edit.rules) if body.tests else None,
        trial=await _trial(call, edit.rules, body.trial) if body.trial else None,
    )


async def _source(call: Call, rule: str) -> Source:
    found = await asyncio.to_thread(edited.source, call.desk.bench, rule)
    if found is None:
        raise Problem(problem.NOT_FOUND)
    return found


async def _tests(call: Call, of: Source, rules: RuleSet) -> EditTests:
    bench = call.desk.bench
    try:
        both = await asyncio.to_thread(edited.tests, bench, of, (bench.rules(), rules))
    except Misconfigured:
        broken = call.say("Les fichiers de tests sont cassés : rien n'a tourné.")
        raise Problem(problem.CONFLICT, broken) from None
    live, other = (RuleTests(passed=one.passed, failed=one.failed) for one in both)
    return EditTests(live=live, edited=other)


async def _trial(call: Call, rules: RuleSet, trial: Trial) -> EditTrial:
    content = content_of(call, trial)
    tried = await call.desk.bench.judge(content, trial.sender, trial.recipients, rules)
    return EditTrial(live=result(tried), edited=tuple(map(_verdict, tried.edited)))


def _verdict(one: Verdict) -> EditedVerdict:
    return EditedVerdict(
        recipient=one.recipient,
        disposition=one.disposition,
        rule=one.rule,
        reasons=one.reasons,
        monitored=one.monitored,
    )


ROUTES = (
    Route("GET", "/v1/rules/source", Act.STUDY, source, problems=(problem.NOT_FOUND,)),
    Route(
        "POST",
        "/v1/rules/edits",
        Act.STUDY,
        attempt,
        problems=(problem.NOT_FOUND, problem.CONFLICT),
        most=_MOST_BYTES,
    ),
)
