"""One rule edited for a try: a mail or its own tests, live beside edited; a diff to hand on.

Nothing is written and nothing of it is kept: the files are the truth, under review. What is tried
is read as a door reads it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.console import edited, prose
from gateway.console.access import Act
from gateway.console.edited import Edited, Source
from gateway.console.pages import rules as trying
from gateway.console.visit import Page, Visit
from gateway.errors import Misconfigured
from gateway.language import later

_PATCH = {  # downloaded, whatever stands in it
    "Content-Type": "text/x-diff; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'attachment; filename="rule.patch"',
}


async def show(visit: Visit) -> Response:
    of = await _source(visit, visit.asked("regle"))
    return _page(visit, of, of.text)


async def attempt(visit: Visit) -> Response:
    of = await _source(visit, visit.given("regle"))
    text = trying.long_text(visit, "yaml")
    edit = await asyncio.to_thread(edited.edit, visit.desk.bench, of, text)
    what = visit.given("quoi")
    if what == "diff":
        return Response(edit.diff, headers=_PATCH)
    if edit.rules is None:
        return _page(visit, of, text, edit, complaint=later("Cette règle ne se charge pas."))
    if what == "tests":
        return await _tests(visit, of, text, edit)
    mail = await trying.mail(visit)
    if isinstance(mail, str):
        return _page(visit, of, text, edit, complaint=mail)
    tried = await visit.desk.bench.judge(mail.content, mail.sender, mail.to, edit.rules)
    return _page(visit, of, text, edit, tried=tried)


async def _tests(visit: Visit, of: Source, text: str, edit: Edited) -> Response:
    assert edit.rules is not None
    bench, both = visit.desk.bench, (visit.desk.bench.rules(), edit.rules)
    try:
        live, other = await asyncio.to_thread(edited.tests, bench, of, both)
    except Misconfigured:
        complaint = later("Les fichiers de tests sont cassés : rien n'a tourné.")
        return _page(visit, of, text, edit, complaint=complaint)
    return _page(visit, of, text, edit, tested=(live, other))


async def _source(visit: Visit, rule: str) -> Source:
    found = await asyncio.to_thread(edited.source, visit.desk.bench, rule)
    if found is None:
        raise HTTPException(404)
    return found


def _page(
    visit: Visit,
    of: Source,
    text: str,
    edit: Edited | None = None,
    complaint: str = "",
    **found: Any,
) -> Response:
    live, ours = visit.desk.bench.rules(), edit.rules if edit else None
    rules = (live, ours) if ours else (live,)
    return visit.page(
        "rule_edit.html",
        422 if complaint else 200,
        rule=visit.given("regle") or visit.asked("regle"),
        of=of,
        text=text,
        edit=edit,
        complaint=visit.words(complaint) if complaint else "",
        then=prose.short,
        why=trying.reasons(visit, *rules),
        longest=edited.MOST_CHARACTERS,
        **({"tried": None, "tested": None, "given": trying.given(visit)} | found),
    )


PAGES = (
    Page("GET", "/regles/modifier", Act.STUDY, show),
    Page("POST", "/regles/modifier", Act.STUDY, attempt, files=1),
)
