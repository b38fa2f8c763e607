"""The queue: what waits, the gravest first; filters, series, several ruled on at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from gateway.console import rulings
from gateway.console.access import Act
from gateway.console.visit import Page, Visit
from gateway.store.held import Held
from gateway.store.queue import PAGE, Filter, Line, Order, Standing

_MOST_AT_ONCE = 500
_LEAST_FOLDED = 10  # of a series; fewer are read one by one
NONE = Standing(0, None, 0, ())  # for whoever sees but some of what waits
_KEPT = ("regle", "adresse", "a", "ordre", "faits", "serie")  # from one page to the next


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is shown. parties: "" where no key here opens the dossier. others: how many more
    of a series it stands for."""

    line: Line
    title: str
    sender: str
    recipients: tuple[str, ...]
    age: float
    left: float
    others: int = 0

    @property
    def held(self) -> Held:
        return self.line.held


async def show(visit: Visit) -> Response:
    if not visit.may(Act.SEE):
        return RedirectResponse("/comptes" if visit.may(Act.ADMINISTER) else "/compte", 303)
    queue = visit.desk.queue
    wanted, order = await _wanted(visit), _order(visit)
    several = await queue.series(wanted.compartments, order) if wanted.is_plain else ()
    folded = [one for one in several if one.count >= _LEAST_FOLDED]
    others = {one.first: one.count - 1 for one in folded}
    lines = await queue.page(wanted, order, visit.asked("apres"), folded=folded)
    kept = {name: visit.asked(name) for name in _KEPT}
    kept = {name: value for name, value in kept.items() if value}
    following = urlencode(kept | {"apres": lines[-1].held.id}) if len(lines) == PAGE else ""
    return visit.page(
        "queue.html",
        rows=[_row(visit, line, others.get(line.held.id, 0)) for line in lines],
        standing=NONE if visit.narrow else await queue.standing(visit.who.compartments),
        fresh=0,
        wanted=wanted,
        order=order,
        orders=tuple(Order),
        following=f"?{following}" if following else "",
        codes=rulings.CODES,
        ways=tuple(rulings.CODES),
        now=visit.desk.clock(),
    )


async def rule(visit: Visit) -> Response:
    """Several at once, by their boxes."""
    ids = [str(one) for one in visit.form.getlist("dossier")][:_MOST_AT_ONCE]
    ruling = rulings.read(visit)
    if isinstance(ruling, str):
        return visit.away("/", ruling)
    if not ids:
        return visit.away("/", visit.words("Choisissez au moins un dossier."))
    done, locked = 0, visit.words(rulings.LOCKED)
    told = ""
    for hold in ids:
        held = await visit.desk.holds.get(hold)
        if held is None:
            continue
        if wrong := await rulings.complaint(visit, held, ruling):
            told = locked if wrong == locked else told
            continue
        done += bool(await rulings.carry_out(visit, held, ruling))
    said = visit.words.many(
        "{count} dossier décidé sur {all}.",
        "{count} dossiers décidés sur {all}.",
        done,
        all=len(ids),
    )
    return visit.away("/", f"{said} {told}".strip())


async def _wanted(visit: Visit) -> Filter:
    reading = visit.narrow or visit.asked("a") == "relire"
    reads = await visit.desk.reviewing.votes.reads(visit.who.name) if reading else None
    return Filter(
        compartments=visit.who.compartments,
        rule=visit.asked("regle"),
        address=visit.asked("adresse").strip(),
        assigned={"moi": visit.who.name, "personne": "-"}.get(visit.asked("a"), ""),
        second=visit.asked("a") == "second",
        asked=visit.asked("a") == "demande",
        review=visit.asked("a") == "revoir",
        decided=visit.asked("faits") == "1",
        like=visit.asked("serie"),
        reads=replace(reads, handed=visit.narrow) if reads else None,
    )


def _order(visit: Visit) -> Order:
    asked = visit.asked("ordre")
    return Order(asked) if asked in tuple(Order) else Order.RISK


def _row(visit: Visit, line: Line, others: int) -> Row:
    desk, held = visit.desk, line.held
    now = desk.clock()
    sender, recipients = held.parties(desk.keys)
    title = visit.rule(held.rule)
    return Row(line, title, sender, recipients, now - held.held, held.until - now, others)


PAGES = (
    Page("GET", "/", Act.BE_SIGNED_IN, show),
    Page("POST", "/decider", Act.RULE, rule),
)
