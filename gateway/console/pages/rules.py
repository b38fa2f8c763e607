"""The rules: each in words, its tests, its figures; and a mail or a text tried against them.

Files are the truth, under review like any source: nothing is changed here. What is tried leaves no
trace; the answer shows values masked, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.console import bench, prose
from gateway.console.access import Act
from gateway.console.bench import Tested
from gateway.console.prose import Said
from gateway.console.visit import Page, Visit
from gateway.console.words import later
from gateway.decide import told
from gateway.decide.rules import Rule
from gateway.errors import Misconfigured
from gateway.store.figures import Over

_DAYS = 30
_MOST_RECIPIENTS = 20
_LONGEST_ADDRESS = 254  # octets, RFC 5321, 4.5.3.1.3
_NO_ADDRESS = later("Donnez l'adresse de l'expéditeur, et une à vingt adresses de destinataires.")
_NOTHING = later("Collez un texte ou choisissez un fichier .eml.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One rule as it is shown. let_out: mails that it would have stopped, were it enforced."""

    rule: Rule
    path: str
    when: Said
    then: str
    held: int
    rulings: int
    alarms: int
    let_out: int
    tested: Tested | None


async def show(visit: Visit, complaint: str = "", **tried: Any) -> Response:
    desk, mine = visit.desk, visit.who.compartments
    today = desk.figures.today()
    over = await desk.figures.over(today - timedelta(days=_DAYS - 1), today, mine)
    rules = desk.bench.rules()
    sheets = [_sheet(visit, rule, rules.paths.get(rule.id, ""), over) for rule in rules.rules]
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
        place=told.place,
        then=prose.short,
        **({"tried": None, "given": dict.fromkeys(("de", "a", "objet", "texte"), "")} | tried),
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
    sender, to = visit.given("de"), visit.given("a").replace(",", " ").split()
    given = {"de": sender, "a": " ".join(to), "objet": visit.given("objet"), "texte": _text(visit)}
    if not 1 <= len(to) <= _MOST_RECIPIENTS or not all(map(_is_address, (sender, *to))):
        return await show(visit, _NO_ADDRESS, given=given)
    content = await _file(visit) or b""
    if not content and not given["texte"].strip():
        return await show(visit, _NOTHING, given=given)
    if not content:
        content = bench.pasted(given["texte"], given["objet"], sender, to)
    return await show(visit, tried=await visit.desk.bench.judge(content, sender, to), given=given)


def _sheet(visit: Visit, rule: Rule, path: str, over: Over) -> Sheet:
    return Sheet(
        rule,
        path,
        prose.when(rule.when, visit.words),
        prose.then(rule, visit.words),
        over.of("held", "rule", rule.id),
        over.rulings(rule.id),
        over.of("false_alarm", "rule", rule.id),
        over.of("monitored", "rule", rule.id),
        visit.desk.bench.tested.get(rule.id),
    )


def _text(visit: Visit) -> str:
    """Longer than other fields may be; the form has its own limit."""
    value = visit.form.get("texte", "")
    return value if isinstance(value, str) else ""


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
