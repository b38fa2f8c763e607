"""The rules: each in words, with its tests; and a mail or a text tried against them. Files are the
truth: nothing is changed here, and what is tried leaves no trace."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from pydantic import Field

from gateway.console import bench, prose
from gateway.console.access import Act
from gateway.console.api import held as told
from gateway.console.api import problem
from gateway.console.api.held import Found, Unread
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import Shape
from gateway.console.prose import Said
from gateway.decide.rules import Rule
from gateway.errors import Misconfigured
from gateway.model import Coverage, Disposition, Verdict

_MOST_BYTES = 2 * 1024 * 1024  # a mail of a megabyte and a half, in base64
_Address = Annotated[str, Field(max_length=254, pattern=r"^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}$")]


class RuleTests(Shape):
    """Of one rule, when they last ran."""

    passed: int
    failed: tuple[str, ...]


class RuleInWords(Shape):
    """when: a condition a line, indented by two blanks a level. path: of its file. tests: null if
    they did not run since the console started."""

    id: str
    title: str
    path: str
    enforced: bool
    when: tuple[str, ...]
    then: str
    tests: RuleTests | None


class Rules(Shape):
    """stale: the rules on disk are broken, and these are older. left: tests for which there was no
    time."""

    rules: tuple[RuleInWords, ...]
    stale: bool
    left: int


class Trial(Shape):
    """Either text, with a subject if one likes, or message: an .eml in base64."""

    sender: _Address
    recipients: tuple[_Address, ...] = Field(min_length=1, max_length=20)
    subject: str = Field(default="", max_length=500)
    text: str = Field(default="", max_length=1_000_000)
    message: str = Field(default="", max_length=_MOST_BYTES)


class TrialVerdict(Shape):
    """strict: what would become of it if every rule were enforced."""

    recipient: str
    disposition: Disposition
    rule: str
    reasons: tuple[str, ...]
    monitored: tuple[str, ...]
    strict: Disposition


class TrialResult(Shape):
    disposition: Disposition
    verdicts: tuple[TrialVerdict, ...]
    findings: tuple[Found, ...]
    problems: tuple[Unread, ...]
    coverage: Coverage


async def list_(call: Call) -> Rules:
    """The rules in force, in words."""
    return _all(call)


async def test(call: Call) -> Rules:
    """Run the tests that stand beside the rules, for twenty seconds at most."""
    try:
        await call.desk.bench.test()
    except Misconfigured:
        broken = call.say("Les fichiers de tests sont cassés : rien n'a tourné.")
        raise problem.Problem(problem.CONFLICT, broken) from None
    return _all(call)


async def attempt(call: Call, body: Trial) -> TrialResult:
    """What the rules would do with this text or this mail. Nothing of it is sent or kept."""
    content = content_of(call, body)
    return result(await call.desk.bench.judge(content, body.sender, body.recipients))


def result(tried: bench.Tried) -> TrialResult:
    return TrialResult(
        disposition=tried.disposition,
        verdicts=tuple(map(_verdict, tried.verdicts, tried.strict)),
        findings=tuple(told.found(number, one) for number, one in enumerate(tried.seen.findings)),
        problems=tuple(map(told.unread, tried.seen.problems)),
        coverage=tried.seen.coverage,
    )


def content_of(call: Call, body: Trial) -> bytes:
    if bool(body.message) == bool(body.text.strip()):
        raise problem.wrong("body/text", call.say("Donnez text, ou message."))
    if body.text.strip():
        return bench.pasted(body.text, body.subject, body.sender, body.recipients)
    try:
        return bench.as_received(base64.b64decode(body.message, validate=True))
    except (binascii.Error, ValueError):
        raise problem.wrong("body/message", call.say("Ce n'est pas du base64.")) from None


def _verdict(live: Verdict, strict: Verdict) -> TrialVerdict:
    return TrialVerdict(
        recipient=live.recipient,
        disposition=live.disposition,
        rule=live.rule,
        reasons=live.reasons,
        monitored=live.monitored,
        strict=strict.disposition,
    )


def _all(call: Call) -> Rules:
    desk = call.desk
    rules = desk.bench.in_force()
    return Rules(
        rules=tuple(_rule(call, one, rules.paths.get(one.id, "")) for one in rules.rules),
        stale=bool(desk.bench.stale()),
        left=desk.bench.left,
    )


def _rule(call: Call, rule: Rule, path: str) -> RuleInWords:
    tested = call.desk.bench.tested.get(rule.id)
    return RuleInWords(
        id=rule.id,
        title=rule.title,
        path=path,
        enforced=rule.enforced,
        when=tuple(_lines(prose.when(rule.when, call.say))),
        then=prose.then(rule, call.say),
        tests=RuleTests(passed=tested.passed, failed=tested.failed) if tested else None,
    )


def _lines(said: Said, depth: int = 0) -> list[str]:
    inner = [line for one in said.inner for line in _lines(one, depth + 1)]
    return ["  " * depth + said.text, *inner]


ROUTES = (
    Route("GET", "/v1/rules", Act.STUDY, list_),
    Route("POST", "/v1/rules/tests", Act.STUDY, test, problems=(problem.CONFLICT,)),
    Route("POST", "/v1/rules/trials", Act.STUDY, attempt, most=_MOST_BYTES),
)
