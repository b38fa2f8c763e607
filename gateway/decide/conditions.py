"""The conditions that rules are made of: each a frozen model that compiles to a closure.

    recipient  sender  finding  problem  coverage  header  visible_recipients  size  direction
    time  all  any  not

An entry holds one condition, named by its first key; the keys beside it make it stricter. To add a
condition: one class here with its `test`, and its line in `Condition`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, Self, Union, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag

from gateway.decide import told, words
from gateway.decide.complaint import remedy_for
from gateway.decide.counting import distinct
from gateway.decide.headers import addresses, fields, fold
from gateway.decide.marked import Loc, Refusal, Refused, Strict
from gateway.decide.parties import any_of, recipient_is, sender_is
from gateway.decide.places import Places
from gateway.decide.question import Question, Reasons, Test, once, once_for_each
from gateway.model import Coverage, Inspection, Trouble


class Recipient(Strict):
    recipient: words.Recipients

    def test(self, places: Places) -> Test:
        return once_for_each(self, any_of([recipient_is(word, places) for word in self.recipient]))


class Sender(Strict):
    """Of the envelope; "<>" is the null sender."""

    sender: words.Senders

    def test(self, places: Places) -> Test:
        return once(self, any_of([sender_is(word, places) for word in self.sender]))


class Found(Strict):
    """`count`: distinct values of these kinds over the whole message; there is at least one."""

    finding: words.Kinds
    likelihood: words.AtLeast = Field(default="likely", validate_default=True)
    count: words.Count = Field(default=">= 1", validate_default=True)
    near: words.Kinds | None = None

    def test(self, places: Places) -> Test:
        wanted, close = words.glob(self.finding), words.glob(self.near or ())
        least, count, anywhere = self.likelihood, self.count, self.near is None

        def ask(question: Question) -> Reasons:
            found = [
                finding
                for finding in question.seen.findings
                if finding.likelihood >= least
                and wanted(finding.kind)
                and (anywhere or any(map(close, finding.near)))
            ]
            many = distinct(found)
            return told.findings(found, many) if many and count.holds(many) else None

        return once(self, ask)


class Troubled(Strict):
    """Something was not read whole, or must not be believed."""

    problem: words.Troubles

    def test(self, places: Places) -> Test:
        wanted, every = frozenset(self.problem), "any" in self.problem

        def ask(question: Question) -> Reasons:
            met = [p for p in question.seen.problems if every or p.kind in wanted]
            return told.problems(met) if met else None

        return once(self, ask)


class Covered(Strict):
    """`partly`: something was not read whole; `unread`: something was not read at all."""

    coverage: words.CoverageAtWorst

    def test(self, places: Places) -> Test:
        def ask(question: Question) -> Reasons:
            seen = question.seen
            return told.coverage(seen) if self.reached(seen.coverage) else None

        return once(self, ask)

    def reached(self, coverage: Coverage) -> bool:
        return Coverage.worst((coverage, self.coverage)) is coverage


class Header(Strict):
    """A header field says one of these words. Written by senders: it may only strengthen."""

    header: str = Field(min_length=1, max_length=80, pattern=r"^[!-9;-~]+$")
    contains: words.Listed

    def test(self, places: Places) -> Test:
        wanted = tuple(fold(word) for word in self.contains)

        def ask(question: Question) -> Reasons:
            values = fields(question.mail.content, self.header)
            if any(word in value for value in values for word in wanted):
                return (f"un mot cherché dans l'en-tête {self.header}",)
            return None

        return once(self, ask)


class VisibleRecipients(Strict):
    """Addresses outside, that everybody who gets the mail can read in To and Cc."""

    visible_recipients: words.Count

    def test(self, places: Places) -> Test:
        def ask(question: Question) -> Reasons:
            shown = addresses(question.mail.content, "To", "Cc")
            many = sum(not places.is_internal(address) for address in shown)
            return told.visible(many) if self.visible_recipients.holds(many) else None

        return once(self, ask)


class Size(Strict):
    """Of the message as received."""

    size: words.Size

    def test(self, places: Places) -> Test:
        def ask(question: Question) -> Reasons:
            size = len(question.mail.content)
            return (told.size(size),) if self.size.holds(size) else None

        return once(self, ask)


class Direction(Strict):
    """outbound: this recipient is not ours. internal: neither sender nor recipient is outside."""

    direction: Literal["outbound", "internal"]

    def test(self, places: Places) -> Test:
        def ask(question: Question) -> Reasons:
            if self.direction == "outbound":
                return None if question.internal else ("le message sort",)
            inside = question.internal and places.is_internal(question.mail.envelope.sender)
            return ("le message reste à l'intérieur",) if inside else None

        return ask


class Time(Strict):
    """When the message was received, in Paris."""

    time: words.When

    def test(self, places: Places) -> Test:
        def ask(question: Question) -> Reasons:
            if self.time.holds(question.moment):
                return (f"reçu le {question.moment:%d/%m/%Y à %H:%M}",)
            return None

        return once(self, ask)


class All(Strict):
    all: Annotated[tuple[Condition, ...], Field(min_length=1)]

    def test(self, places: Places) -> Test:
        tests = [condition.test(places) for condition in self.all]

        def ask(question: Question) -> Reasons:
            reasons: tuple[str, ...] = ()
            for test in tests:
                more = test(question)
                if more is None:
                    return None
                reasons += more
            return reasons

        return ask


class Any_(Strict):  # noqa: N801
    any: Annotated[tuple[Condition, ...], Field(min_length=1)]

    def test(self, places: Places) -> Test:
        return any_of([condition.test(places) for condition in self.any])


class Not(Strict):
    not_: Condition = Field(alias="not")

    def test(self, places: Places) -> Test:
        test = self.not_.test(places)
        return lambda question: () if test(question) is None else None


def _heads(value: Any) -> list[str]:
    return [key for key in value if key in HEADS]


def _tag(value: Any) -> str | None:
    return f"<{_heads(value)[0]}>" if isinstance(value, dict) else None


def _one_head(value: Any) -> Any:
    """Said here rather than by pydantic, which would try each condition and complain of each."""
    if not isinstance(value, dict):
        raise Refused(Refusal("this is no condition", "write for example: recipient: external"))
    heads = _heads(value)
    if len(heads) > 1:
        wrong = f"several conditions in one entry: {', '.join(heads)}"
        raise Refused(Refusal(wrong, 'write each with its own "- " under "all:" or "any:"'))
    if not heads:
        refusals = [
            Refusal(f'unknown condition "{key}"', remedy_for(key, HEADS), (key,), on_key=True)
            for key in value
            if key not in _BESIDE
        ] or [Refusal("a condition is missing here", f"one of: {', '.join(HEADS)}")]
        raise Refused(*refusals)
    return value


Condition = Annotated[
    Union[  # noqa: UP007  # a tag is what one sees in the location of an error
        Annotated[Recipient, Tag("<recipient>")],
        Annotated[Sender, Tag("<sender>")],
        Annotated[Found, Tag("<finding>")],
        Annotated[Troubled, Tag("<problem>")],
        Annotated[Covered, Tag("<coverage>")],
        Annotated[Header, Tag("<header>")],
        Annotated[VisibleRecipients, Tag("<visible_recipients>")],
        Annotated[Size, Tag("<size>")],
        Annotated[Direction, Tag("<direction>")],
        Annotated[Time, Tag("<time>")],
        Annotated[All, Tag("<all>")],
        Annotated[Any_, Tag("<any>")],
        Annotated[Not, Tag("<not>")],
    ],
    Discriminator(_tag),
    BeforeValidator(_one_head),
]

HEADS = tuple(get_args(member)[1].tag.strip("<>") for member in get_args(get_args(Condition)[0]))
_BESIDE = frozenset({"likelihood", "count", "near", "contains"})

for _composite in (All, Any_, Not):
    _composite.model_rebuild()


def weakening_headers(
    condition: Condition, at: Loc = (), *, weakens: bool = False
) -> Iterator[Loc]:
    """Where a header condition would make a verdict milder. weakens: whether `condition` does."""
    if isinstance(condition, Header) and weakens:
        yield (*at, "header")
    elif isinstance(condition, Not):
        yield from weakening_headers(condition.not_, (*at, "not"), weakens=not weakens)
    elif isinstance(condition, All):
        for number, inner in enumerate(condition.all):
            yield from weakening_headers(inner, (*at, "all", number), weakens=weakens)
    elif isinstance(condition, Any_):
        for number, inner in enumerate(condition.any):
            yield from weakening_headers(inner, (*at, "any", number), weakens=weakens)


@dataclass(frozen=True, slots=True)
class Traits:
    """What an inspection found, in the coarsest terms. Few differ: most mails share theirs."""

    kinds: frozenset[str]
    problems: frozenset[Trouble]
    coverage: Coverage

    @classmethod
    def of(cls, seen: Inspection) -> Self:
        return cls(
            frozenset([finding.kind for finding in seen.findings]),
            frozenset([problem.kind for problem in seen.problems]),
            seen.coverage,
        )


def may_hold(condition: Condition, traits: Traits) -> bool:
    """False: it holds for no mail with these traits, so that it need not be asked."""
    match condition:
        case Found():
            return any(map(words.glob(condition.finding), traits.kinds))
        case Troubled():
            return bool(traits.problems) and (
                "any" in condition.problem or not traits.problems.isdisjoint(condition.problem)
            )
        case Covered():
            return condition.reached(traits.coverage)
        case All():
            return all(may_hold(inner, traits) for inner in condition.all)
        case Any_():
            return any(may_hold(inner, traits) for inner in condition.any)
    return True  # `not` among them: what it denies may fail for other reasons


def asks_history(condition: Condition, *, partners: bool = False) -> bool:
    """Whether its answer rests on the ledger of who writes to whom. partners: who is one does, too,
    since their mails are counted."""
    asked = partial(asks_history, partners=partners)
    match condition:
        case Recipient():
            return any(
                word in words.HISTORY or (partners and word.startswith("partner"))
                for word in condition.recipient
            )
        case All():
            return any(map(asked, condition.all))
        case Any_():
            return any(map(asked, condition.any))
        case Not():
            return asked(condition.not_)
    return False
