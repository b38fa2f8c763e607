"""What officers are told of mails that reached somebody else: how many there are to qualify, since
when, and by when it must be done. It names nobody, and no mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.act.calendar import WorkingDays
from gateway.act.letter import Block, Link, Words, compose
from gateway.model import Letter, Recipient

KIND = "incident"
NOTIFY_SECONDS = 72 * 3600.0  # RGPD, article 33


def letter(
    count: int,
    since: float,
    now: float,
    *,
    sender: str,
    to: Sequence[str],
    url: str,
    calendar: WorkingDays,
) -> Letter | None:
    """since: when the first was said, seconds since the epoch. url: of the console, "" without one.
    None where there is nobody to tell."""
    if not to:
        return None
    many = "s" if count > 1 else ""
    subject = f"[Incident] {count} message{many} arrivé{many} à une autre personne, à qualifier"
    content = compose(
        subject, tuple(_blocks(count, since, now, url, calendar)), sender=sender, to=to, when=now
    )
    return Letter(KIND, "", tuple(Recipient(one) for one in to), content, "notices", "")


def _blocks(
    count: int, since: float, now: float, url: str, calendar: WorkingDays
) -> Iterator[Block]:
    when = calendar.on(since, now)
    yield Words("Bonjour,")
    if count == 1:
        yield Words(f"Une personne a dit {when} qu'un message ne lui était pas destiné.")
    else:
        yield Words(f"Depuis {when}, on a dit de {count} messages qu'ils étaient arrivés à tort.")
    yield Words(
        "Là où l'expéditeur est connu, ce qu'il écrit à cette adresse avec des données d'une "
        "personne est retenu, jusqu'à ce que vous leviez le blocage."
    )
    yield Words(
        "À faire : dire s'il s'agit d'une violation de données, et vérifier l'adresse avec "
        "l'expéditeur. Si c'en est une et qu'elle présente un risque, la notification est due dans "
        "les 72 heures qui suivent le moment où vous en avez connaissance (article 33 du RGPD) : "
        f"avant {calendar.by(since + NOTIFY_SECONDS, now)}, à compter du premier signalement."
    )
    if url:
        yield Link(f"{url}/incidents")
    else:
        yield Words("Sur le serveur : vaguemestre incident")
