"""Letters about a second reading: to the readers that mails wait for them, once more before their
hour; to the sender and to the officers that one of them refused, or that none spoke in time.

What a reader gets names no person, no rule but by its title, and nothing of a mail: he looks at it
on the console, where the look is on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.act.letter import Block, Link, Rows, Words
from gateway.act.notice import Case, Notices
from gateway.model import Letter

KIND = "review"  # of the letter to the readers
_WHY = {
    "refused": "une personne qui l'a relu n'est pas d'accord avec l'envoi",
    "overdue": "personne ne l'a relu dans le délai",
    "nobody": "personne du groupe ne peut le relire",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One mail that waits for its readers. due: seconds since the epoch."""

    id: str
    rule: str
    due: float


def summons(
    notices: Notices, waiting: Sequence[Waiting], to: str, now: float, *, again: bool = False
) -> Letter | None:
    """None for an address that is not ours. again: he was told before, and their hour comes."""
    if not notices.ours(to):
        return None
    many = "s" if len(waiting) > 1 else ""
    which = "de ces messages, écrits par d'autres" if many else "de ce message, écrit par un autre"
    blocks: list[Block] = [
        Words("Bonjour,"),
        Words(f"Votre avis est demandé avant la sortie {which} que vous :"),
        Rows(tuple((one.id, _line(notices, one, now)) for one in waiting), indent=2, wrap=False),
        *_pages(notices, waiting),
        Words(
            "Dites s'il peut partir, avec une raison. Si une seule personne n'est pas d'accord, la "
            "personne chargée de la quarantaine décide."
        ),
        Words("Absent ? Dites-le sur la page « Mon compte » : une autre personne lira pour vous."),
    ]
    subject = f"[Relecture] {len(waiting)} message{many} à relire avant sortie"
    if again:
        first, *_ = sorted(one.due for one in waiting)
        subject = f"{subject} : dernier rappel, avant {notices.calendar.by(first, now)}"
    about = "" if many else waiting[0].id
    return notices.letter(KIND, subject, blocks, (to,), now, about)


def objected(notices: Notices, case: Case, now: float) -> Letter | None:
    """To the sender, if he is ours."""
    end = (
        "n'est pas parti : une personne qui l'a relu n'est pas d'accord avec l'envoi. La personne "
        "chargée de la quarantaine décide maintenant, pour :"
    )
    return notices.outcome(case, now, "attend une décision", end, "retenu", ())


def left_to_officers(
    notices: Notices, compartment: str, case: Case, why: str, now: float
) -> Letter | None:
    """To those who decide from now on, at once. why: a word of `gateway.reviewers.End`."""
    team = notices.of(compartment)
    to = tuple(address for address in team.officers if team.ours(address))
    if not to:
        return None
    title = team.title(case.rule) or f"règle {case.rule}"
    blocks: list[Block] = [
        Words(f"Dossier {case.id} : {title}."),
        Words(f"Il attendait une relecture ; {_WHY[why]}. Rien n'est sorti : à vous de décider."),
        *([Link(f"{team.url}/dossiers/{case.id}")] if team.url else []),
    ]
    subject = f"[Quarantaine] À décider après relecture (dossier {case.id})"
    return team.letter("notice", subject, blocks, to, now, case.id)


def _line(notices: Notices, one: Waiting, now: float) -> str:
    title = notices.title(one.rule) or f"règle {one.rule}"
    return f"{title}, avant {notices.calendar.by(one.due, now)}"


def _pages(notices: Notices, waiting: Sequence[Waiting]) -> list[Block]:
    """Of the mail, or of all that wait."""
    if not notices.url:
        return []
    return [Link(f"{notices.url}/dossiers/{waiting[0].id}" if len(waiting) == 1 else notices.url)]
