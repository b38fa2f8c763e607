"""Letters of a mail that waits: the question to its sender about a doubtful recipient (texts 1.2),
word that it leaves in some minutes, that a second reader has it, and what became of it.

A proposed address is a colleague's or one that the sender has written to himself. The link is his
own; it shows on GET and acts on POST, so that a scanner that follows it answers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.act import wording
from gateway.act.correspondents import shown
from gateway.act.letter import Block, Choices, Link, Rows, Words
from gateway.act.notice import Case, Notices
from gateway.model import Disposition, Inspection, Letter, Mail, Verdict
from gateway.ports import Hold, Wait

_FIRST = "C'est la première fois que vous lui écrivez."
_FOLLOWS = {
    Disposition.PASS: "",
    Disposition.ENCRYPT: "Si vous gardez l'adresse, le message partira par une voie protégée.",
    Disposition.QUARANTINE: "Si vous gardez l'adresse, la personne chargée de la quarantaine "
    "décidera de l'envoi : aucune voie protégée n'y mène.",
}
_AT_END = {
    "cancel": "l'envoi sera annulé et vous recevrez un avis.",
    "send": "le message partira.",
    "quarantine": "la personne chargée de la quarantaine décidera.",
}
NO_BLAME = "Vous n'avez pas à justifier une annulation. Une erreur évitée n'est pas un incident."


def asked(
    notices: Notices, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection, hold: Hold
) -> list[Letter] | None:
    """texts 1.2. None where the sender cannot be asked: there is no page, or nobody to write to."""
    sender, wait = notices.sender_of(mail), hold.wait
    if not sender or not notices.url or wait is None:
        return None
    now = mail.received
    follows = [_FOLLOWS[one] for one in dict.fromkeys(wait.after) if _FOLLOWS[one]]
    blocks: list[Block] = [
        Words("Bonjour,"),
        *(_doubt(notices, verdict) for verdict in verdicts),
        Words(f"{wording.why(seen)} Votre message attend votre réponse avant de sortir."),
        Words("Répondez ici :"),
        _page(notices, mail),
        Choices(tuple(_answers(verdicts))),
        *map(Words, follows),
        Words(f"Sans réponse avant {_by(notices, wait, now)}, {_AT_END[wait.unanswered]}"),
        Words(NO_BLAME),
        *notices.helped(),
    ]
    hour = notices.calendar.hour_in_words(now)
    subject = f"Est-ce la bonne adresse ? Votre message de {hour} attend (dossier {mail.id})"
    return [notices.letter("question", subject, blocks, (sender,), now, mail.id)]


def delayed(
    notices: Notices, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection, hold: Hold
) -> list[Letter]:
    """Nobody need be told for it to leave; who can be may still think better of it."""
    sender, wait, now = notices.sender_of(mail), hold.wait, mail.received
    if not sender or not notices.url or wait is None:
        return []
    calendar = notices.calendar
    leaves = calendar.on(wait.due, now).removeprefix("aujourd'hui ")
    blocks: list[Block] = [
        Words("Bonjour,"),
        Words(f"Votre message du {calendar.in_words(now)} part {leaves}, vers :"),
        Rows(tuple((shown(v.recipient), "attend") for v in verdicts), indent=2),
        Words("Relisez l'adresse et les pièces jointes. D'ici là, vous pouvez encore l'annuler :"),
        _page(notices, mail),
        Words(NO_BLAME),
        *notices.helped(),
    ]
    subject = f"Votre message de {calendar.hour_in_words(now)} part {leaves} (dossier {mail.id})"
    return [notices.letter("question", subject, blocks, (sender,), now, mail.id)]


def reviewed(
    notices: Notices, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection, hold: Hold
) -> list[Letter]:
    """Word to the sender that somebody else reads his mail before it leaves."""
    sender, wait, now = notices.sender_of(mail), hold.wait, mail.received
    if not sender or wait is None:
        return []
    calendar = notices.calendar
    way: list[Block] = [Words("Vous pouvez l'annuler :"), _page(notices, mail)]
    blocks: list[Block] = [
        Words("Bonjour,"),
        Words(
            f"Votre message du {calendar.in_words(now)} attend d'être relu par une autre personne "
            "avant de sortir, vers :"
        ),
        Rows(tuple((shown(v.recipient), "attend") for v in verdicts), indent=2),
        Words("Pourquoi ?"),
        Words(wording.why(seen), tight=True),
        *(way if notices.url else []),
        Words(f"Sans relecture avant {_by(notices, wait, now)}, {_AT_END[wait.unanswered]}"),
        *notices.helped(),
    ]
    hour = calendar.hour_in_words(now)
    subject = f"Votre message de {hour} attend une relecture (dossier {mail.id})"
    return [notices.letter("notice", subject, blocks, (sender,), now, mail.id)]


def unanswered(notices: Notices, case: Case, now: float) -> Letter | None:
    """Cancelled at the end of its wait."""
    end = "est annulé : il n'a pas eu de réponse avant l'heure dite. Il n'est pas parti vers :"
    again = (Words("S'il est encore utile, vérifiez les adresses et renvoyez-le."),)
    return notices.outcome(case, now, "est annulé", end, "annulé", again)


def handed_over(notices: Notices, case: Case, now: float) -> Letter | None:
    """It is an officer's to decide on from now on."""
    end = "attend maintenant la décision de la personne chargée de la quarantaine, pour :"
    return notices.outcome(case, now, "attend une décision", end, "retenu", ())


def _doubt(notices: Notices, verdict: Verdict) -> Rows:
    rows = [("Vous avez écrit à :", shown(verdict.recipient))]
    if verdict.first:
        rows.append(("", _FIRST))
    for address in verdict.instead:
        whose = "Votre collègue :" if notices.ours(address) else "Vous connaissez :"
        rows.append((whose, shown(address)))
    if not verdict.instead:  # nothing else says what is doubtful
        rows.append(("", notices.title(verdict.rule)))
    return Rows(tuple(rows), indent=2)


def _answers(verdicts: Sequence[Verdict]) -> list[str]:
    meant = dict.fromkeys(one for verdict in verdicts for one in verdict.instead)
    kept = ", ".join(shown(verdict.recipient) for verdict in verdicts)
    return [
        *(f"Envoyer à {shown(address)}" for address in meant),
        f"Garder {kept} : je connais cette personne",
        "Annuler l'envoi",
    ]


def _page(notices: Notices, mail: Mail) -> Link:
    ticket = notices.ticket(mail.id, mail.envelope.sender, mail.received)
    return Link(f"{notices.url}/q/{mail.id}" + (f"?t={ticket}" if ticket else ""))


def _by(notices: Notices, wait: Wait, now: float) -> str:
    return notices.calendar.by(wait.due, now)
