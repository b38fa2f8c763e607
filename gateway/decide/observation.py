"""A time of observation: until a day, rules look on and are counted, and only a floor stops mail.

A house that installs the gateway learns what the rules would have held before they hold it. What
must never leave, whole files of persons above all, is stopped from the first mail on. Exceptions
stay as they are written: there is less for them to remove.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.decide.question import PARIS
from gateway.decide.rules import Rule, RuleSet

SOON = timedelta(days=7)  # before its end, officers and operators are told


@dataclass(frozen=True, slots=True)
class Observation:
    """until: its last day; None: there is none. enforce: ids of rules, or the families they stand
    in ("bulk" of "bulk/contacts"), that stop mail all the same."""

    until: date | None = None
    enforce: tuple[str, ...] = ()

    def on(self, moment: float) -> bool:
        """At this time, in seconds since the epoch."""
        return self.until is not None and self.left(moment) >= timedelta()

    def ends_soon(self, moment: float) -> bool:
        return self.on(moment) and self.left(moment) < SOON

    def left(self, moment: float) -> timedelta:
        """Whole days; below zero once it is over, or where there is none."""
        day = datetime.fromtimestamp(moment, PARIS).date()
        return (self.until or date.min) - day

    def of(self, rules: RuleSet) -> RuleSet:
        """The rules as they are while it lasts."""
        return RuleSet(tuple(map(self._observed, rules.rules)), rules.paths)

    def unknown(self, rules: RuleSet) -> Iterator[str]:
        """What is to be enforced and is no rule: a slip would let out what must not leave."""
        for name in self.enforce:
            if not any(_is_in(rule, name) for rule in rules.rules):
                yield name

    def _observed(self, rule: Rule) -> Rule:
        if rule.allow or any(_is_in(rule, name) for name in self.enforce):
            return rule
        return rule.model_copy(update={"mode": "monitor"})


def _is_in(rule: Rule, name: str) -> bool:
    return rule.id == name or rule.id.startswith(f"{name}/")
