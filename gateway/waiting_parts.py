"""What carries out `confirm`, `delay` and `review`, built from the Config: for `serve`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog

from gateway import parts
from gateway.act import question
from gateway.act.ask import Ask, Letters
from gateway.act.calendar import WorkingDays
from gateway.act.notice import Notices
from gateway.config import Config
from gateway.decide.terms import USUAL, WAITS, Terms, Unanswered
from gateway.model import Disposition, Mail, Verdict
from gateway.ports import Action, Custody, Doubt, Wait
from gateway.reviewers import Group
from gateway.reviewing import Readers, Reviewing
from gateway.store.database import Database
from gateway.store.holds import Holds
from gateway.store.keys import OpeningKey, SealingKey, load_hmac
from gateway.store.votes import Votes
from gateway.store.waits import Waits
from gateway.waits_clock import Deadlines

_CAREFUL = tuple(Unanswered)  # the most careful first


def actions(
    config: Config,
    custody: Custody,
    notices: Notices,
    rulebook: parts.Rulebook,
    quarantine: Action,
) -> dict[Disposition, Action]:
    letters: dict[Disposition, Letters] = {
        Disposition.CONFIRM: partial(question.asked, notices),
        Disposition.DELAY: partial(question.delayed, notices),
        Disposition.REVIEW: partial(question.reviewed, notices),
    }
    calendar, deadline = WorkingDays(config.notices.timezone), parts.deadlines(config)
    business = parts.compartments(config).about

    def waiting(kind: Disposition, mail: Mail, verdicts: Sequence[Verdict]) -> Wait:
        return wait_of(kind, mail, verdicts, rulebook.terms, calendar, notices.hours)

    return {
        kind: Ask(
            custody,
            partial(waiting, kind),
            letters[kind],
            deadline,
            rulebook.grave,
            business,
            quarantine,
        )
        for kind in WAITS
    }


def waits(config: Config, database: Database, sealing: Sequence[SealingKey]) -> Waits:
    return Waits(database, sealing, parts.deadlines(config))


def duties(
    config: Config,
    database: Database,
    sealing: Sequence[SealingKey],
    opening: Sequence[OpeningKey],
    notices: Notices,
    log: structlog.BoundLogger,
) -> tuple[Callable[[float], Awaitable[None]], ...]:
    """What the clock does about mail that waits."""
    return (
        Readers(reviewing(config, database, sealing, opening, notices), log),
        Deadlines(waits(config, database, sealing), notices, tuple(opening), log),
    )


def reviewing(
    config: Config,
    database: Database,
    sealing: Sequence[SealingKey],
    opening: Sequence[OpeningKey],
    notices: Notices,
) -> Reviewing:
    hmac_key = load_hmac(config.keys)
    votes = Votes(database, sealing, hmac_key, groups(config))
    holds = Holds(database, parts.blobs(config), sealing, hmac_key)
    return Reviewing(votes, waits(config, database, sealing), holds, notices, opening)


def groups(config: Config) -> dict[str, Group]:
    """Of second readers, by address."""
    return {
        name: Group(_lowered(one.members), _lowered(one.delegates), one.quorum)
        for name, one in config.reviewers.items()
    }


def _lowered(addresses: Sequence[str]) -> frozenset[str]:
    return frozenset(address.lower() for address in addresses)


def wait_of(
    kind: Disposition,
    mail: Mail,
    verdicts: Sequence[Verdict],
    terms_of: Callable[[str], Terms | None],
    calendar: WorkingDays,
    hours: tuple[int, int],
) -> Wait:
    """verdicts: in the order of the recipients who wait. Several rules, of one recipient too: the
    most careful of each of their terms."""
    rules = (rule for verdict in verdicts for rule in (verdict.rule, *verdict.also))
    several = [terms_of(rule) or USUAL[kind] for rule in rules]
    seconds = min(one.seconds for one in several)
    working = several[0].working
    unanswered = min((one.unanswered for one in several), key=_CAREFUL.index)
    after = tuple(verdict.after for verdict in verdicts)
    if unanswered is Unanswered.SEND and Disposition.QUARANTINE in after:  # no channel leads there
        unanswered = Unanswered.QUARANTINE
    groups = dict.fromkeys(one.reviewers for one in several if one.reviewers)
    first, *further = groups or [""]
    due = mail.received + seconds
    return Wait(
        kind,
        calendar.after(mail.received, seconds, hours) if working else due,
        unanswered.value,
        after,
        tuple(Doubt(verdict.first, verdict.instead) for verdict in verdicts),
        first,
        max(one.quorum for one in several),
        ",".join(further),
    )
