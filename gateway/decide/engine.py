"""The judge: every rule is tried for each recipient, and the strictest verdict wins.

Pure and synchronous: a few microseconds a rule and recipient, since rules are compiled to closures
and what concerns the mail alone is asked once. Rules that need a finding which the mail has not are
not tried at all: of an ordinary mail, none is. The date that ends an exception is that of the
mail's reception, so that a verdict can be had again later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from gateway.acquaintance import UNTOLD, Correspondence
from gateway.decide.conditions import Traits, asks_history, may_hold
from gateway.decide.places import Places, domain_of, is_routed
from gateway.decide.question import PARIS, Question, Reasons, Test
from gateway.decide.rules import Rule, RuleSet
from gateway.decide.space import Space
from gateway.decide.terms import WAITS
from gateway.decide.together import together
from gateway.model import Disposition, Inspection, Mail, Verdict

Fits = Callable[[Mail, str], bool]
"""Whether some channel can encrypt this mail for this recipient."""


NO_CHANNEL = "aucune voie chiffrée pour ce destinataire"  # a reason
_GONE = Disposition.PASS  # after a wait, where no rule asks for more
_MOST_MEANT = 3  # addresses proposed in place of one: a question, not a directory
_TRAITS = 256  # combinations of kinds, problems and coverage remembered
_STRICTNESS = {disposition: disposition.strictness for disposition in Disposition}


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: Rule
    test: Test


@dataclass(frozen=True, slots=True)
class _Held:
    """A rule whose conditions all hold."""

    rule: Rule
    reasons: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, bool]:
        """Among equally strict ones, what the officer must know at once."""
        return _STRICTNESS[self.rule.then], self.rule.grave


class Judge:
    """`gateway.ports.Judge`. fits: None where there is no channel at all. space: None where that of
    MSSanté is not known."""

    def __init__(
        self, rules: RuleSet, places: Places, fits: Fits | None, space: Space | None = None
    ) -> None:
        self._places = places
        self._fits = fits
        self._space = space
        compiled = [_Compiled(rule, rule.when.test(places)) for rule in rules.rules]
        self._rules = [c for c in compiled if not c.rule.allow]
        self._exceptions = [c for c in compiled if c.rule.allow]
        counts = any(one.mails_a_day is not None for one in places.partners.values())
        self._asking = {c.rule.id for c in compiled if asks_history(c.rule.when, partners=counts)}
        self._worth_trying = lru_cache(_TRAITS)(self._that_may_hold)

    def wants(self, seen: Inspection) -> bool:
        """Whether a rule that may hold asks about the sender's correspondents."""
        return bool(self._asking) and any(
            compiled.rule.id in self._asking
            for compiled in (*self._worth_trying(Traits.of(seen)), *self._exceptions)
        )

    def decide(
        self, mail: Mail, seen: Inspection, known: Correspondence = UNTOLD
    ) -> tuple[Verdict, ...]:
        tried = self._worth_trying(Traits.of(seen))
        if not tried:
            passed = (Verdict(a, Disposition.PASS) for a in mail.envelope.addresses)
            return tuple(self._in_space(mail, verdict) for verdict in passed)
        moment = datetime.fromtimestamp(mail.received, PARIS)
        of_mail: dict[str, Reasons] = {}

        def ask(address: str) -> Question:
            domain, internal = domain_of(address), self._places.is_internal(address)
            return Question(mail, seen, moment, address, domain, internal, known, of_mail, {})

        judged = [self._judge(tried, ask(address)) for address in mail.envelope.addresses]
        settled = [self._in_space(mail, self._channel(mail, verdict)) for verdict in judged]
        lost = [
            after
            for before, after in zip(judged, settled, strict=True)
            if Disposition.ENCRYPT in (before.disposition, before.after)
            and Disposition.ENCRYPT not in (after.disposition, after.after)
        ]
        return tuple(self._in_space(mail, verdict) for verdict in together(settled, lost))

    def _that_may_hold(self, traits: Traits) -> tuple[_Compiled, ...]:
        return tuple(c for c in self._rules if may_hold(c.rule.when, traits))

    def _judge(self, tried: Sequence[_Compiled], question: Question) -> Verdict:
        held = _held(tried, question)
        if not held:
            return Verdict(question.recipient, Disposition.PASS)
        allowed = self._allowed(question, {h.rule.id for h in held})
        real = [a for a in allowed if a.rule.enforced]
        overridden = {name for a in real for name in a.rule.overrides}
        standing = [h for h in held if h.rule.id not in overridden]
        # max() gives the first of equals, and rules come in the order of their ids
        winner = max((h for h in standing if h.rule.enforced), key=lambda h: h.rank, default=None)
        if winner is None:
            verdict = _passed(question.recipient, real)
        else:
            verdict = _doubted(_verdict(question.recipient, winner, standing), question.known)
        return replace(verdict, monitored=_monitored(verdict, standing, allowed))

    def _allowed(self, question: Question, held: set[str]) -> list[_Held]:
        """The exceptions that have something to remove. None for an address with a further route:
        nobody can tell where it ends."""
        if not self._exceptions or is_routed(question.recipient):
            return []
        day = question.moment.date()
        return _held(
            [
                c
                for c in self._exceptions
                if not held.isdisjoint(c.rule.overrides) and not c.rule.expired(day)
            ],
            question,
        )

    def _in_space(self, mail: Mail, verdict: Verdict) -> Verdict:
        return self._space.settle(mail, verdict) if self._space else verdict

    def _channel(self, mail: Mail, verdict: Verdict) -> Verdict:
        """Doubt about the recipient comes first: who confirms him may learn then that an officer
        must see the mail, since no channel fits."""
        if Disposition.ENCRYPT not in (verdict.disposition, verdict.after):
            return verdict
        if self._fits is not None and self._fits(mail, verdict.recipient):
            return verdict
        reasons = (*verdict.reasons, NO_CHANNEL)
        held = verdict.otherwise is Disposition.QUARANTINE and not verdict.together
        if verdict.disposition is Disposition.CONFIRM and held:
            return replace(verdict, after=Disposition.QUARANTINE, reasons=reasons)
        return replace(verdict, disposition=verdict.otherwise, after=_GONE, reasons=reasons)


def _held(rules: Sequence[_Compiled], question: Question) -> list[_Held]:
    return [_Held(c.rule, reasons) for c in rules if (reasons := c.test(question)) is not None]


def _verdict(recipient: str, winner: _Held, standing: Sequence[_Held]) -> Verdict:
    """What waits for somebody first goes then by what else holds: encrypted, if a rule says so."""
    rule = winner.rule
    by_then = [h.rule for h in standing if h.rule.enforced]
    sealing = [one for one in by_then if one.then is Disposition.ENCRYPT]
    waits = rule.then in WAITS and bool(sealing)
    same = [one for one in by_then if one.then is rule.then]
    return Verdict(
        recipient,
        rule.then,
        rule=rule.id,
        reasons=(rule.title, *winner.reasons),
        otherwise=(sealing[0] if waits else rule).otherwise,
        notify=rule.notify,
        together=any(one.together for one in (sealing if waits else same)),
        after=Disposition.ENCRYPT if waits else _GONE,
        also=tuple(o.id for o in same if o is not rule) if rule.then in WAITS else (),
    )


def _doubted(verdict: Verdict, known: Correspondence) -> Verdict:
    """With what may be proposed to its sender: what he knows himself, or colleagues."""
    if not known.told:
        return verdict
    person = known.of(verdict.recipient)
    alike = dict.fromkeys(one.address for one in (*person.alike, *known.greeted))
    alike.pop(verdict.recipient, None)
    return replace(verdict, first=not person.met, instead=tuple(alike)[:_MOST_MEANT])


def _passed(recipient: str, allowed: Sequence[_Held]) -> Verdict:
    """Nothing stops it; where an exception made it so, that is told."""
    if not allowed:
        return Verdict(recipient, Disposition.PASS)
    rule = allowed[0].rule
    told = f"exception accordée à {rule.owner} jusqu'au {rule.until:%d/%m/%Y}"
    reasons = (rule.title, told, *allowed[0].reasons)
    return Verdict(recipient, Disposition.PASS, rule=rule.id, reasons=reasons)


def _monitored(
    verdict: Verdict, standing: Sequence[_Held], allowed: Sequence[_Held]
) -> tuple[str, ...]:
    """Rules in monitor mode that would have decided otherwise."""
    stricter = [
        h.rule.id
        for h in standing
        if not h.rule.enforced and _STRICTNESS[h.rule.then] > _STRICTNESS[verdict.disposition]
    ]
    milder = [
        a.rule.id for a in allowed if not a.rule.enforced and verdict.rule in a.rule.overrides
    ]
    return tuple(sorted((*stricter, *milder)))
