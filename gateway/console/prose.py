"""A rule in words: when it applies and what it does, from its own conditions, so that what an
officer reads is what the judge asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.console import shown
from gateway.decide import conditions as c
from gateway.decide.conditions import Condition
from gateway.decide.rules import Rule
from gateway.decide.words import Comparison, Hours
from gateway.language import Words, later
from gateway.model import Coverage, Disposition, Trouble

_RECIPIENTS = {
    "internal": later("le destinataire est de la maison"),
    "external": later("le destinataire est extérieur"),
    "mssante": later("le destinataire a une adresse MSSanté"),
    "webmail": later("le destinataire est sur une messagerie grand public"),
    "partner": later("le destinataire est un partenaire déclaré"),
    "mixed": later("le message va à la fois vers MSSanté et ailleurs"),
    "first_time": later("l'expéditeur n'a jamais écrit au destinataire"),
    "never_seen": later("personne de la maison n'a jamais écrit au destinataire"),
    "lookalike": later("l'adresse du destinataire ressemble à une autre, connue"),
    "twin": later("le destinataire est l'homonyme d'un collègue sur une messagerie grand public"),
    "out_of_place": later("le destinataire ne va jamais avec les autres"),
    "machine_flow": later("c'est un envoi automatique, qui n'allait jamais là"),
    "salutation_mismatch": later("le message salue quelqu'un d'autre que le destinataire"),
    "blocked_pair": later("cette adresse a dit « pas pour moi » d'un message de l'expéditeur"),
}
_SENDERS = {
    "internal": later("l'expéditeur est de la maison"),
    "external": later("l'expéditeur est extérieur"),
    "<>": later("le message est automatique, sans expéditeur"),
}
_COUNTS = {
    ">=": later("au moins {number}"),
    "<=": later("au plus {number}"),
    ">": later("plus de {number}"),
    "<": later("moins de {number}"),
    "==": later("exactement {number}"),
}
_DAYS = (
    *(later("lundi"), later("mardi"), later("mercredi"), later("jeudi"), later("vendredi")),
    *(later("samedi"), later("dimanche")),
)
_THEN = {
    Disposition.PASS: later("le message part"),
    Disposition.ENCRYPT: later("le message part par une voie chiffrée"),
    Disposition.DELAY: later("le message part après un délai, si son expéditeur ne l'annule pas"),
    Disposition.CONFIRM: later("le message attend la réponse de son expéditeur"),
    Disposition.REVIEW: later("le message attend l'accord d'un second lecteur"),
    Disposition.QUARANTINE: later("le message est retenu"),
    Disposition.REJECT: later("le message est refusé"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One condition; inner: those that it is made of."""

    text: str
    inner: tuple[Said, ...] = ()


def when(condition: Condition, say: Words) -> Said:
    match condition:
        case c.All():
            return Said(say("tout cela à la fois :"), _all(condition.all, say))
        case c.Any_():
            return Said(say("l'un au moins de ces cas :"), _all(condition.any, say))
        case c.Not():
            return _not(when(condition.not_, say), say)
    return Said(_leaf(condition, say))


def then(rule: Rule, say: Words) -> str:
    if rule.allow:
        return say(
            "Exception : ne s'appliquent plus {rules}, jusqu'au {until:%d/%m/%Y}. Demandée par : "
            "{owner}.",
            rules=", ".join(rule.overrides),
            until=rule.until,
            owner=rule.owner,
        )
    said = say(_THEN[rule.then])
    if rule.then is Disposition.ENCRYPT:
        otherwise = say(_THEN[rule.otherwise])
        said = say("{said} ; si aucune ne convient, {otherwise}", said=said, otherwise=otherwise)
    return f"{said[0].upper()}{said[1:]}."


def short(disposition: Disposition) -> str:
    """What becomes of a mail, for the catalogue of a page."""
    return _THEN.get(disposition, disposition.value)


def _all(several: Iterable[Condition], say: Words) -> tuple[Said, ...]:
    return tuple(when(one, say) for one in several)


def _not(denied: Said, say: Words) -> Said:
    """A list is denied as a whole, one condition in its own words."""
    if denied.inner:
        return Said(say("sauf dans ce cas : {said}", said=denied.text), denied.inner)
    return Said(say("sauf si {said}", said=denied.text))


def _leaf(condition: Condition, say: Words) -> str:
    match condition:
        case c.Recipient():
            return _or((_recipient(word, say) for word in condition.recipient), say)
        case c.Sender():
            return _or((_sender(word, say) for word in condition.sender), say)
        case c.Found():
            return _found(condition, say)
        case c.Troubled():
            return _troubled(condition, say)
        case c.Covered():
            if condition.coverage is Coverage.UNREAD:
                return say("une partie au moins n'a pas été lue du tout")
            return say("une partie au moins n'a pas été lue en entier")
        case c.Header():
            wanted = _or((f"« {word} »" for word in condition.contains), say)
            return say("l'en-tête {name} contient {words}", name=condition.header, words=wanted)
        case c.VisibleRecipients():
            number = condition.visible_recipients
            many = _compared(number, say, str(number.number))
            return say("adresses extérieures visibles de tous : {many}", many=many)
        case c.Size():
            size = _compared(condition.size, say, _size(condition.size, say))
            return say("le message pèse {size}", size=size)
        case c.Direction():
            if condition.direction == "outbound":
                return say("le message sort")
            return say("le message reste à l'intérieur")
        case c.Time():
            return _time(condition.time, say)
    return ""  # lists are told by `when`


def _recipient(word: str, say: Words) -> str:
    if word in _RECIPIENTS:
        return say(_RECIPIENTS[word])
    if word.startswith("partner:"):
        name = word.removeprefix("partner:")
        return say("le destinataire est le partenaire « {name} »", name=name)
    if word.startswith("domain:"):
        return say("le destinataire est du domaine {name}", name=word.removeprefix("domain:"))
    return say("le destinataire est {name}", name=word)


def _sender(word: str, say: Words) -> str:
    if word in _SENDERS:
        return say(_SENDERS[word])
    if word.startswith("domain:"):
        return say("l'expéditeur est du domaine {name}", name=word.removeprefix("domain:"))
    return say("l'expéditeur est {name}", name=word)


def _found(condition: c.Found, say: Words) -> str:
    said = say(
        "on y trouve {kinds} ({likelihood} ou plus sûr)",
        kinds=_or((_kind(name, say) for name in condition.finding), say),
        likelihood=say(shown.likelihood(condition.likelihood)),
    )
    if condition.count.written != ">= 1":
        count = _compared(condition.count, say, str(condition.count.number))
        said = say("{said}, valeurs différentes : {count}", said=said, count=count)
    if condition.near:
        near = _or((_kind(name, say) for name in condition.near), say)
        said = say("{said}, tout près de : {near}", said=said, near=near)
    return said


def _kind(name: str, say: Words) -> str:
    """ "health.*" is a family, and has no name but its own."""
    words = shown.kind(name)
    return say(words) if words != name else f"« {name} »"


def _troubled(condition: c.Troubled, say: Words) -> str:
    if "any" in condition.problem:
        return say("quelque chose n'a pas pu être lu, quelle qu'en soit la raison")
    kinds = (say(shown.trouble(Trouble(kind))) for kind in condition.problem)
    return say("quelque chose n'a pas pu être lu : {why}", why=_or(kinds, say))


def _compared(comparison: Comparison, say: Words, number: str) -> str:
    sign = comparison.written.strip()[:2].rstrip("0123456789 ")
    return say(_COUNTS[sign], number=number)


def _size(comparison: Comparison, say: Words) -> str:
    """As the rule writes it: "10 MB", or octets."""
    written = comparison.written.lstrip("<>= ").upper()
    if written.isdecimal():
        return say("{count} octets", count=written)
    return written.replace("B", "o") if say.language == "fr" else written


def _time(hours: Hours, say: Words) -> str:
    days = _or((say(_DAYS[day]) for day in sorted(hours.days)), say)
    if len(hours.days) == len(_DAYS):
        days = say("tous les jours")
    return say(
        "il est reçu {days}, de {since:%H:%M} à {until:%H:%M}",
        days=days,
        since=hours.since,
        until=hours.until,
    )


def _or(words: Iterable[str], say: Words) -> str:
    *first, last = words
    return f"{', '.join(first)} {say('ou')} {last}" if first else last
