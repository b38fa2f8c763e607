"""Figures of the last days, as the overview has them: no person is in them. What doors count is
everybody's, and told to accounts that see everything."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pydantic import Field

from gateway.console.access import Act
from gateway.console.api import held as told
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import HoldId, Shape, moment
from gateway.store.figures import Over

_OLDEST = 5
_RULINGS = ("held", "released", "refused", "expired", "settled")
_DOORS = ("pass", "encrypt", "unread", "oldest")


class FiguresQuery(Shape):
    days: int = Field(default=30, ge=1, le=366)


class ByRule(Shape):
    """rulings: of officers. false_alarms: those that gave this reason. monitored: mails that it
    would have stopped, were it enforced."""

    rule: str
    title: str
    held: int
    rulings: int
    false_alarms: int
    monitored: int


class ByTeam(Shape):
    """team: the domain that mails were sent from; "*": all those of less than five persons."""

    team: str
    held: int


class UnreadCount(Shape):
    """Mails of which a part could not be read, by reason."""

    kind: str
    count: int


class Oldest(Shape):
    hold: HoldId
    held: datetime
    rule: str


class Figures(Shape):
    """series: by name, a number a day: held, released, refused, expired, settled (by the sender),
    and of the doors pass, encrypt, unread, oldest (seconds). half, most: within how many seconds
    half and nine tenths of the rulings were given; 0: longer than 5 days, null: there was none."""

    since: date
    until: date
    series: dict[str, tuple[int, ...]]
    rules: tuple[ByRule, ...]
    teams: tuple[ByTeam, ...]
    unread: tuple[UnreadCount, ...]
    half: int | None
    most: int | None
    oldest: tuple[Oldest, ...]


async def show(call: Call, asked: FiguresQuery) -> Figures:
    """Held and ruled on by day, rule and team; false alarms; how soon."""
    figures, mine = call.desk.figures, call.who.compartments
    today = figures.today()
    over = await figures.over(today - timedelta(days=asked.days - 1), today, mine)
    names = _RULINGS if mine else (*_RULINGS, *_DOORS)
    return Figures(
        since=over.since,
        until=over.until,
        series={name: over.series(name) for name in names},
        rules=_rules(call, over),
        teams=tuple(ByTeam(team=name, held=n) for name, n in await figures.by_team(over, "held")),
        unread=tuple(
            UnreadCount(kind=kind, count=count)
            for kind, count in ([] if mine else over.names("problem", "kind"))
        ),
        half=over.within(0.5),
        most=over.within(0.9),
        oldest=tuple(
            Oldest(hold=one.hold, held=moment(one.held), rule=one.rule)
            for one in await figures.oldest(_OLDEST, mine)
        ),
    )


def _rules(call: Call, over: Over) -> tuple[ByRule, ...]:
    counted = ("held", "released", "refused", "monitored")
    names = {rule: None for what in counted for rule, _ in over.names(what, "rule")}
    return tuple(
        ByRule(
            rule=rule,
            title=told.title(call, rule),
            held=over.of("held", "rule", rule),
            rulings=over.rulings(rule),
            false_alarms=over.of("false_alarm", "rule", rule),
            monitored=over.of("monitored", "rule", rule),
        )
        for rule in names
    )


ROUTES = (Route("GET", "/v1/figures", Act.SEE, show),)
