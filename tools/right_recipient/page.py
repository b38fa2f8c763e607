"""docs/right-recipient.md, from a year that was judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.right_recipient.replay import LISTENING, Tally
from tools.right_recipient.wrong import MIX


@dataclass(frozen=True, slots=True)
class Run:
    """writing: how many of the people write. mails: a day. rate: share of them that goes astray.
    seeds: one for each year."""

    people: int
    writing: int
    mails: int
    days: int
    rate: float
    seeds: Sequence[int]
    listening: int = LISTENING


_HEAD = """\
# The right recipient

Made by `make right-recipient`, which writes this page. {years} of a house of {people} people,
of whom {writing} write: {all} mails that leave the house, {counted} of them judged after
{listening} days of listening, seeds {seeds}. Judged by the shipped rules and the real ledger, on
SQLite, which learns from what leaves as it does in service: what goes astray unseen is learnt, too.

| | found | goal | |
|---|--:|--:|---|
{goals}

Of what people sent, software aside, {by_people} was caught. Asked though it was right: {wrongly} of
all mail, which does not depend on how much goes astray.

| how it went astray, with a person's data | of a hundred | mails | caught |
|---|--:|--:|--:|
{kinds}

| asked though it was right | mails | of all mail |
|---|--:|--:|
{asked}

## How to read it

- **Caught** means that a rule of `rules/recipient` makes the mail wait. Mail with such data leaves
  encrypted anyway; to the wrong person, that is no help.
- **One letter off, of somebody known**: the address that was meant is a colleague's, or one that
  this sender has written to. Where he never did, nothing but a domain can show that it is wrong.
- **Software** that sends to a new address always sends a person's data, people one time in five:
  so its mails are more of the sum than of the mix, and the share of people's is told apart.
- **Autocompletion** is what costs most: half of its mails go to somebody to whom the sender writes
  every week. Only a greeting that names another tells; one that says « Bonjour, » tells nothing.
  The mix of kinds is ours, since nobody has published one; the table lets you weigh it otherwise.
- **The rate** of {rate} is {times:.1f} times what is published for a thousand people and a year
  (some 800 mails), so that there is something to count. Mail that was astray and caught is counted
  as questioned.
- Names, habits, greetings and houses are made (`tools/right_recipient/`): common names are common,
  houses write addresses in their own style, couples share one, threads are joined by newcomers.
  Real mail is different: rules in `monitor` mode tell what they would stop of yours.
"""


def goals(tally: Tally) -> Iterator[tuple[str, float, str, bool]]:
    """What is measured, the figure, the goal, whether it is met."""
    near, found, asked = tally.found_near, tally.found, tally.questioned
    yield "one letter off, of somebody known: caught", near, "≥ 95 %", near >= 0.95
    yield "all that goes astray with a person's data: caught", found, "≥ 82 %", found >= 0.82
    yield "of all mail, questioned", asked, "≤ 0.5 %", asked <= 0.005


def page(run: Run, tally: Tally) -> str:
    rows = [
        f"| {what} | {_share(figure)} | {goal} | {'met' if met else '**missed**'} |"
        for what, figure, goal, met in goals(tally)
    ]
    kinds = [
        f"| {kind} | {share} | {astray} | {_of(tally.caught[kind], astray)} |"
        for kind, share in MIX.items()
        for astray in [tally.astray[kind]]
    ]
    asked = [
        f"| `{rule}` | {count} | {count / max(tally.mails, 1):.3%} |"
        for rule, count in sorted(tally.asked.items())
    ]
    return _HEAD.format(
        people=f"{run.people:,}",
        writing=f"{run.writing:,}",
        years="A made year" if len(run.seeds) == 1 else f"{len(run.seeds)} made years",
        all=f"{run.mails * run.days * len(run.seeds):,}",
        counted=f"{tally.mails:,}",
        listening=run.listening,
        seeds=", ".join(map(str, run.seeds)),
        rate=_share(run.rate),
        times=run.rate * run.mails * run.days / (0.8 * run.writing),
        goals="\n".join(rows),
        by_people=_share(tally.found_of_people),
        wrongly=_share(tally.asked.total() / max(tally.mails, 1)),
        kinds="\n".join(kinds),
        asked="\n".join(asked) or "| none | 0 | 0 % |",
    )


def _share(figure: float) -> str:
    return f"{100 * figure:.2f} %"


def _of(caught: int, astray: int) -> str:
    return f"{100 * caught / astray:.0f} %" if astray else "—"
