"""The rules: each in words, its tests, its figures; and a mail or a text tried against them.

Files are the truth, under review like any source: nothing is changed here. What is tried leaves no
trace; the answer shows values masked, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.console import bench, prose
from gateway.console.access import Act
from gateway.console.bench import Tested, Tried
from gateway.console.prose import Said
from gateway.console.visit import Page, Visit
from gateway.decide.rules import Rule, RuleSet
from gateway.errors import Misconfigured
from gateway.language import later
from gateway.model import Verdict
from gateway.store.figures import Over
from gateway.store.monitored import Judged

_DAYS = 30
_FIELDS = ("de", "a", "objet")
_MOST_RECIPIENTS = 20
_LONGEST_ADDRESS = 254  # octets, RFC 5321, 4.5.3.1.3
_NO_ADDRESS = later("Donnez l'adresse de l'expéditeur, et une à vingt adresses de destinataires.")
_NOTHING = later("Collez un texte ou choisissez un fichier .eml.")


@dataclass(frozen=True, slots=True)
class Trial:
    """A mail to try."""

    content: bytes = field(repr=False)
    sender: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One rule as it is shown. let_out: mails that it would have stopped, were it enforced;
    judged: a sample of them, as officers judged it."""

    rule: Rule
    path: str
    when: Said
    then: str
    held: int
    rulings: int
    alarms: int
    let_out: int
    judged: Judged
    tested: Tested | None


async def show(visit: Visit, complaint: str = "", tried: Tried | None = None) -> Response:
    desk, mine = visit.desk, visit.who.compartments
    today = desk.figures.today()
    over = await desk.figures.over(today - timedelta(days=_DAYS - 1), today, mine)
    rules = desk.bench.in_force()
    judged = await desk.monitored.by_rule(mine)
    sheets = [
        _sheet(visit, rule, rules.paths.get(rule.id, ""), over, judged) for rule in rules.rules
    ]
    return visit.page(
        "rules.html",
        422 if complaint else 200,
        enforced=[one for one in sheets if one.rule.enforced],
        observed=[one for one in sheets if not one.rule.enforced],
        everything=not mine,
        days=_DAYS,
        bench=desk.bench,
        stale=desk.bench.stale(),
        complaint=visit.words(complaint) if complaint else "",
        then=prose.short,
        given=given(visit),
        tried=tried,
        why=reasons(visit, rules),
    )


async def test(visit: Visit) -> Response:
    try:
        await visit.desk.bench.test()
    except Misconfigured:
        return visit.away(
            "/regles", visit.words("Les fichiers de tests sont cassés : rien n'a tourné.")
        )
    return visit.away("/regles")


async def attempt(visit: Visit) -> Response:
    trial = await mail(visit)
    if isinstance(trial, str):
        return await show(visit, trial)
    tried = await visit.desk.bench.judge(trial.content, trial.sender, trial.to)
    return await show(visit, tried=tried)


async def mail(visit: Visit) -> Trial | str:
    """What the form wants tried, or what is wrong with it."""
    sender, to = visit.given("de"), tuple(visit.given("a").replace(",", " ").split())
    if not 1 <= len(to) <= _MOST_RECIPIENTS or not all(map(_is_address, (sender, *to))):
        return _NO_ADDRESS
    content, text = await _file(visit), long_text(visit, "texte")
    if not content and not text.strip():
        return _NOTHING
    return Trial(content or bench.pasted(text, visit.given("objet"), sender, to), sender, to)


def reasons(visit: Visit, *rules: RuleSet) -> Callable[[Verdict], Sequence[str]]:
    """Of a verdict, in the visitor's language: the judge gives his own in French alone, so others
    read what the rule asks for."""
    known = {rule.id: rule for several in rules for rule in several.rules}

    def of(verdict: Verdict) -> Sequence[str]:
        rule = known.get(verdict.rule)
        if visit.words.language == "fr" or rule is None:
            return verdict.reasons
        return visit.words(rule.title), *_flat(prose.when(rule.when, visit.words))

    return of


def _flat(said: Said) -> Iterator[str]:
    yield said.text
    for inner in said.inner:
        yield from _flat(inner)


def given(visit: Visit) -> dict[str, str]:
    """The fields of the form, to be shown again."""
    return {name: visit.given(name) for name in _FIELDS} | {"texte": long_text(visit, "texte")}


def long_text(visit: Visit, name: str) -> str:
    """Longer than other fields may be; the form has its own limit."""
    value = visit.form.get(name, "")
    return value if isinstance(value, str) else ""


def _sheet(visit: Visit, rule: Rule, path: str, over: Over, judged: Mapping[str, Judged]) -> Sheet:
    return Sheet(
        rule,
        path,
        prose.when(rule.when, visit.words),
        prose.then(rule, visit.words),
        over.of("held", "rule", rule.id),
        over.rulings(rule.id),
        over.of("false_alarm", "rule", rule.id),
        over.of("monitored", "rule", rule.id),
        judged.get(rule.id, Judged()),
        visit.desk.bench.tested.get(rule.id),
    )


async def _file(visit: Visit) -> bytes:
    value = visit.form.get("fichier")
    return bench.as_received(await value.read()) if isinstance(value, UploadFile) else b""


def _is_address(word: str) -> bool:
    local, at, domain = word.rpartition("@")
    return bool(local and at and domain) and word.isprintable() and len(word) <= _LONGEST_ADDRESS


PAGES = (
    Page("GET", "/regles", Act.STUDY, show),
    Page("POST", "/regles/tests", Act.STUDY, test),
    Page("POST", "/regles/essai", Act.STUDY, attempt, files=1),
)
