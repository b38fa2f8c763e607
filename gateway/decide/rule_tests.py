"""The tests that stand beside rules: mails made from a few lines, and what must become of them.

    - case: un NIR part à l'extérieur
      to: [patient@mail.example]
      text: "Votre n° de sécurité sociale : {nir}"
      expect: {patient@mail.example: encrypt}

A case is judged by the rule beside it alone (an exception: with the rules that it overrides), as if
enforced, so that it fails for that rule's sake only. "chu.example" is ours. Dispositions are before
the choice of channel, unless the case says `channel: false`: no channel fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Annotated

from pydantic import AfterValidator, Field, RootModel, model_validator

from gateway.acquaintance import UNTOLD, Acquaintance, Correspondence, Likeness
from gateway.decide.engine import Judge
from gateway.decide.lookalike import HOW
from gateway.decide.marked import Refusal, Refused, Strict, unknown
from gateway.decide.places import Partner, Places
from gateway.decide.question import PARIS
from gateway.decide.rules import Rule, RuleSet
from gateway.decide.samples import NAMES, sample
from gateway.decide.words import CoverageAtWorst, Troubles
from gateway.model import (
    Client,
    Disposition,
    Envelope,
    Inspection,
    Mail,
    PartRead,
    Place,
    Problem,
    Recipient,
    Trouble,
    Verdict,
)

OURS = "chu.example"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z-]{0,20})(?::([0-9]{1,4}))?\}")
_USUAL_MOMENT = datetime(2026, 1, 5, 10, 0)  # a Monday morning
_BOUNDARY = "=_a_case_of_a_rule"


def _known_placeholders(text: str) -> str:
    for name, _ in _PLACEHOLDER.findall(text):
        if name not in NAMES:
            raise unknown("placeholder", name, NAMES)
    return text


Template = Annotated[str, AfterValidator(_known_placeholders)]


FurtherField = Annotated[str, Field(pattern=r"^[Xx]-[A-Za-z-]{1,60}$")]


class Attachment(Strict):
    name: str = Field(min_length=1, max_length=200)
    text: Template


def _known_likeness(how: str) -> str:
    if how not in HOW:
        raise unknown("likeness", how, HOW)
    return how


class KnownAlike(Strict):
    """Another address that the recipient's looks like."""

    address: str = Field(default=f"collegue@{OURS}", min_length=3)
    how: Annotated[str, AfterValidator(_known_likeness)] = "letter"
    colleague: bool = True


class Known(Strict):
    """What the ledger knows of the sender with one recipient (`gateway.acquaintance`)."""

    met: bool = True
    met_by_house: bool = True
    domain_met: bool = True
    alike: tuple[KnownAlike, ...] = ()
    out_of_place: bool = False
    new_in_flow: bool = False
    blocked: bool = False
    misspelt: bool = False

    def acquaintance(self) -> Acquaintance:
        said = {name: getattr(self, name) for name in Known.model_fields if name != "alike"}
        return Acquaintance(alike=tuple(map(_likeness, self.alike)), **said)


class Case(Strict):
    """headers: further fields. problems, coverage: added to those of the inspection, for what no
    text can show: a part 2. at: when the mail is received, in Paris. known: of some recipients, who
    writes to whom; the others have often been written to. greeted: whom the mail greets instead.
    With neither, nothing is known of it."""

    case: str = Field(min_length=1)
    to: tuple[str, ...] = Field(min_length=1)
    from_: str = Field(default=f"agent@{OURS}", alias="from")
    subject: Template = "Votre demande"
    headers: Mapping[FurtherField, str] = Field(default_factory=dict)
    text: Template = ""
    attachments: tuple[Attachment, ...] = ()
    problems: Troubles = ()
    coverage: CoverageAtWorst | None = None
    at: datetime = _USUAL_MOMENT
    channel: bool = True
    known: Mapping[str, Known] | None = None
    greeted: tuple[KnownAlike, ...] = ()
    expect: dict[str, Disposition]

    @model_validator(mode="after")
    def _expects_what_it_sends(self) -> Case:
        refusals = (
            [
                Refusal(f"nothing is expected for {address}", "say what becomes of it", ("expect",))
                for address in self.to
                if address not in self.expect
            ]
            + [
                Refusal(
                    f"{address} is no recipient", "add it to: to", ("expect", address), on_key=True
                )
                for address in self.expect
                if address not in self.to
            ]
            + [
                Refusal(
                    f"{address} is no recipient", "add it to: to", ("known", address), on_key=True
                )
                for address in self.known or {}
                if address not in self.to
            ]
        )
        if refusals:
            raise Refused(*refusals)
        return self

    @property
    def correspondence(self) -> Correspondence:
        if self.known is None and not self.greeted:
            return UNTOLD
        stated = self.known or {}
        of_each = {to: stated.get(to, Known()).acquaintance() for to in self.to}
        return Correspondence(True, of_each, tuple(map(_likeness, self.greeted)))

    @property
    def triggers(self) -> bool:
        return any(disposition is not Disposition.PASS for disposition in self.expect.values())

    @property
    def spares(self) -> bool:
        return Disposition.PASS in self.expect.values()


class Cases(RootModel[tuple[Case, ...]]):
    """A file `x.test.yaml`, beside `x.yaml`."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recipient of one case. path: of the test file."""

    path: str
    case: str
    expected: Disposition
    verdict: Verdict

    @property
    def passed(self) -> bool:
        return self.verdict.disposition is self.expected

    def __str__(self) -> str:
        found = self.verdict.disposition
        said = f"{self.path}: {self.case}: {self.verdict.recipient}: {found}"
        if self.passed:
            return said
        why = f" ({'; '.join(self.verdict.reasons)})" if self.verdict.reasons else ""
        return f"{said}, not {self.expected}{why}"


def run_cases(
    rules: RuleSet,
    cases: Mapping[str, Sequence[Case]],
    inspect: Callable[[bytes], Inspection],
    *,
    places: Places | None = None,
    values: Callable[[str, int], str] = sample,
) -> Iterator[Result]:
    """cases: by path of the test file. values: what stands for a placeholder, by name and number.

    Tests of a rule that a site has replaced are not run: they speak of another rule.
    """
    examples = _with_examples(places or Places())
    known = {path: identity for identity, path in rules.paths.items()}
    for path, several in sorted(cases.items()):
        identity = known.get(rule_of(path))
        if identity is None:
            continue
        alone = _alone(rules, identity)
        for case in several:
            judge = Judge(alone, examples, _always if case.channel else None)
            mail = mail_of(case, values)
            seen = _with_trouble(inspect(mail.content), case)
            for verdict in judge.decide(mail, seen, case.correspondence):
                yield Result(path, case.case, case.expect[verdict.recipient], verdict)


def rule_of(path: str) -> str:
    """rules/health/x.test.yaml -> rules/health/x.yaml"""
    return path.removesuffix(".test.yaml") + ".yaml"


def warnings(rules: RuleSet, cases: Mapping[str, Sequence[Case]], today: datetime) -> list[str]:
    """What `rules check` says of rules that load: sentences for the operator."""
    by_rule = {rule_of(path): several for path, several in cases.items()}
    told = []
    for rule in rules.rules:
        path = rules.paths.get(rule.id, rule.id)
        tests = by_rule.pop(path, ())
        if not tests:
            told.append(f"{path}: no test; write {path.removesuffix('.yaml')}.test.yaml")
        elif not any(case.triggers for case in tests):
            told.append(f"{path}: no case that triggers")
        elif not any(case.spares for case in tests):
            told.append(f"{path}: no case that passes")
        if rule.expired(today.date()):
            told.append(f"{path}: the exception ended on {rule.until}; remove it or renew it")
    told += [f"{path}: a test without its rule" for path in sorted(by_rule)]
    if not any(rule.enforced and not rule.allow for rule in rules.rules):
        told.append("no rule is enforced: nothing is ever stopped")
    return told


def _alone(rules: RuleSet, identity: str) -> RuleSet:
    by_id = {rule.id: rule for rule in rules.rules}
    rule = by_id[identity]
    several: list[Rule] = [rule, *(by_id[name] for name in rule.overrides)]
    several.sort(key=lambda rule: rule.id)
    return RuleSet(tuple(rule.model_copy(update={"mode": "enforce"}) for rule in several))


def _likeness(stated: KnownAlike) -> Likeness:
    return Likeness(stated.address, stated.how, stated.colleague)


def _always(mail: Mail, recipient: str) -> bool:
    return True


def _with_examples(places: Places) -> Places:
    """The organisation's own places, with those that shipped cases write to."""
    return replace(
        places,
        domains=(*places.domains, OURS),
        webmail=(*places.webmail, "webmail.example"),
        mssante=(*places.mssante, "*.mssante.example"),
        partners={"exemple": Partner(("partenaire.example",)), **places.partners},
    )


def _with_trouble(seen: Inspection, case: Case) -> Inspection:
    """What the case says of a part that its text cannot show."""
    place = Place("2")
    problems = tuple(Problem(Trouble(kind), place) for kind in case.problems)
    parts = (PartRead(place, "unknown", case.coverage),) if case.coverage else ()
    return replace(seen, problems=seen.problems + problems, parts=seen.parts + parts)


def mail_of(case: Case, values: Callable[[str, int], str] = sample) -> Mail:
    """The mail that a case describes, as a door would hand it over."""
    message = EmailMessage(policy=SMTP)
    if case.from_:
        message["From"] = case.from_
    message["To"] = ", ".join(case.to)
    message["Subject"] = _filled(case.subject, values)
    message["Message-ID"] = f"<case@{OURS}>"
    for name, value in case.headers.items():
        message[name] = value
    message.set_content(_filled(case.text, values), cte="8bit")
    for attachment in case.attachments:
        subtype = "csv" if attachment.name.lower().endswith(".csv") else "plain"
        message.add_attachment(
            _filled(attachment.text, values), subtype=subtype, filename=attachment.name
        )
    if case.attachments:
        message.set_boundary(_BOUNDARY)
    return Mail(
        id="TEST-CASE",
        door="smtp",
        client=Client(),
        envelope=Envelope(case.from_, tuple(map(Recipient, case.to))),
        content=message.as_bytes(),
        trace=b"",
        deadline=0.0,
        received=case.at.replace(tzinfo=case.at.tzinfo or PARIS).timestamp(),
    )


def _filled(text: str, values: Callable[[str, int], str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values(found[1], int(found[2] or 1)), text)
