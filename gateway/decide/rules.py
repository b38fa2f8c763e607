"""The schema of rules, and all the rules or none.

One rule a file; the same id twice is an error, save that a rule of a `site/` directory replaces one
from elsewhere. Reading files from disk is `gateway.rulebook`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from gateway.decide.complaint import Complaint, about_file, remedy_for
from gateway.decide.conditions import Condition, weakening_headers
from gateway.decide.marked import Refusal, Refused, Strict, load, point, unknown
from gateway.decide.terms import OF, USUAL, WAITS, Length, Terms, Unanswered, known_group, misplaced
from gateway.model import Disposition

SITE = "site"  # the directory whose rules replace others of the same id

_NOW = tuple(one for one in Disposition if one not in (Disposition.TAG, Disposition.REDACT))
_INSTEAD = (Disposition.QUARANTINE, Disposition.REJECT)
_ID = re.compile(r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*", re.ASCII)
_OF_VERDICTS = ("then", "otherwise", "together", "notify", "grave", *OF)
_GROUP = r"^[a-z0-9][a-z0-9-]{0,31}$"
_OF_EXCEPTIONS = ("overrides", "until")


def _id(word: str) -> str:
    if not _ID.fullmatch(word):
        remedy = "write lower-case letters, digits and hyphens: health/nir-external"
        raise Refused(Refusal("this is no id", remedy))
    return word


def _then(word: Any) -> Disposition:
    return _disposition(word, _NOW)


def _otherwise(word: Any) -> Disposition:
    if word == Disposition.PASS:
        wrong = "what no channel fits would leave in clear"
        raise Refused(Refusal(wrong, 'write "otherwise: quarantine" or "otherwise: reject"'))
    return _disposition(word, _INSTEAD)


def _disposition(word: Any, allowed: Collection[Disposition]) -> Disposition:
    if word in allowed:
        return Disposition(word)
    known = [disposition.value for disposition in allowed]
    if word in set(Disposition) - set(_NOW):
        raise Refused(Refusal(f'"{word}" is not in this version', 'write "quarantine" instead'))
    if word in set(Disposition):
        raise Refused(Refusal(f'"{word}" cannot stand here', f"known: {', '.join(known)}"))
    raise unknown("order", str(word), known)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Rule(Strict):
    """id: never changes, since the audit trail refers to it. title: for officers and notices.

    An exception (`allow: true`) removes the verdicts of the rules that it overrides, nothing else,
    until the end of its last day.
    together: where one recipient has no channel, nobody gets the message: all take `otherwise`.
    within, for, unanswered, reviewers, quorum: of a mail that waits (`gateway.decide.terms`).
    """

    id: Annotated[str, Field(max_length=100), AfterValidator(_id)]
    title: str = Field(min_length=1, max_length=120)
    description: str = ""
    status: Literal["experimental", "test", "stable"] = "stable"
    source: str = ""
    false_positives: str = Field(default="", alias="false-positives")
    when: Condition
    then: Annotated[Disposition, PlainValidator(_then)] = Disposition.PASS
    otherwise: Annotated[Disposition, PlainValidator(_otherwise)] = Disposition.QUARANTINE
    together: bool = False
    within: Length | None = None
    for_: Length | None = Field(default=None, alias="for")
    unanswered: Unanswered | None = None
    reviewers: Annotated[str, AfterValidator(known_group)] = Field(default="", pattern=_GROUP)
    quorum: int = Field(default=1, ge=1, le=9)
    notify: Annotated[tuple[Literal["sender", "officer"], ...], BeforeValidator(_listed)] = ()
    mode: Literal["enforce", "monitor"] = "enforce"
    grave: bool = False
    allow: bool = False
    overrides: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    owner: str = ""
    until: date | None = None

    @property
    def enforced(self) -> bool:
        return self.mode == "enforce"

    def expired(self, day: date) -> bool:
        return self.until is not None and day > self.until

    @property
    def terms(self) -> Terms | None:
        """None of a rule that makes nobody wait."""
        if self.then not in WAITS:
            return None
        usual = USUAL[self.then]
        return Terms(
            self.within or self.for_ or usual.seconds,
            usual.working,
            self.unanswered or usual.unanswered,
            self.reviewers,
            self.quorum,
        )

    @model_validator(mode="after")
    def _is_whole(self) -> Rule:
        refusals = [*(self._as_exception() if self.allow else self._as_verdict())]
        for at in weakening_headers(self.when, ("when",), weakens=self.allow):
            wrong = "a header written by the sender would weaken a verdict here"
            remedy = "headers may only strengthen: use recipient, sender or finding"
            refusals.append(Refusal(wrong, remedy, at, on_key=True))
        if refusals:
            raise Refused(*refusals)
        return self

    def _as_exception(self) -> Iterator[Refusal]:
        for name, example in (
            ("overrides", "[health/nir-external]"),
            ("owner", "the name of a service"),
            ("until", "2026-12-31"),
        ):
            if not getattr(self, name):
                yield Refusal(f'an exception without "{name}"', f'add "{name}: {example}"')
        for name in _OF_VERDICTS:
            if name in self._written():
                wrong = f'"{name}" has no effect in an exception'
                yield Refusal(wrong, "remove it: an exception only overrides", (name,), on_key=True)

    def _as_verdict(self) -> Iterator[Refusal]:
        if "then" not in self.model_fields_set:
            yield Refusal('"then" is missing', 'add "then: quarantine" here')
        else:
            yield from misplaced(self.then, self._written())
        if self.together and self.then is not Disposition.ENCRYPT:
            wrong = '"together" is about what leaves encrypted'
            yield Refusal(wrong, 'write "then: encrypt", or remove it', ("together",), on_key=True)
        for name in _OF_EXCEPTIONS:
            if name in self.model_fields_set:
                wrong = f'"{name}" has no effect without "allow: true"'
                yield Refusal(wrong, 'add "allow: true", or remove it', (name,), on_key=True)

    def _written(self) -> set[str]:
        """The keys that the file has, as it spells them."""
        return {name.rstrip("_") for name in self.model_fields_set}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order of their ids. paths: where each came from, by id."""

    rules: tuple[Rule, ...]
    paths: Mapping[str, str] = field(default_factory=dict)

    def grave(self, rule: str) -> bool:
        """Whether the officer is told at once of what this rule holds."""
        return any(known.id == rule and known.grave for known in self.rules)

    def terms(self, rule: str) -> Terms | None:
        """Of the wait that this rule asks for, if it does."""
        return next((known.terms for known in self.rules if known.id == rule), None)


def parse_rules(
    files: Mapping[str, str],
    *,
    kinds: Collection[str],
    partners: Collection[str] | None = None,
    reviewers: Collection[str] | None = None,
) -> tuple[RuleSet | None, list[Complaint]]:
    """All the rules of `files` (path to text), or every complaint about them.

    kinds: the names of findings that exist. partners, reviewers: names of partners and of groups
    of second readers, None: not checked.
    """
    if not files:
        return None, [about_file("rules", "no rule at all", "name a directory that holds rules")]
    context = {"kinds": kinds, "partners": partners, "reviewers": reviewers}
    complaints: list[Complaint] = []
    rules: dict[str, Rule] = {}
    for path, text in sorted(files.items()):
        rule, more = load(path, text, Rule, context)
        complaints += more
        if rule is not None:
            rules[path] = rule
    paths: dict[str, str] = {}
    for path, rule in rules.items():
        other = paths.setdefault(rule.id, path)
        if other == path:
            continue
        if is_site(path) == is_site(other):
            wrong = f'the id "{rule.id}" is already that of {other}'
            remedy = f"give it another, or move it to {SITE}/ to replace that one"
            complaints.append(point(path, files[path], ("id",), wrong, remedy))
        elif is_site(path):
            paths[rule.id] = path
    chosen = {identity: rules[path] for identity, path in paths.items()}
    complaints += _unknown_overrides(files, rules, chosen)
    if complaints:
        return None, complaints
    return RuleSet(tuple(chosen[identity] for identity in sorted(chosen)), paths), []


def is_site(path: str) -> bool:
    return SITE in path.replace("\\", "/").split("/")[:-1]


def _unknown_overrides(
    files: Mapping[str, str], rules: Mapping[str, Rule], chosen: Mapping[str, Rule]
) -> Iterator[Complaint]:
    known = {identity for identity, rule in chosen.items() if not rule.allow}
    for path, rule in rules.items():
        for number, name in enumerate(rule.overrides):
            if name in known:
                continue
            wrong = f'no rule has the id "{name}"'
            if name in chosen:
                wrong = f'"{name}" is itself an exception'
            loc = ("overrides", number)
            yield point(path, files[path], loc, wrong, remedy_for(name, known))
