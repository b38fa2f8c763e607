"""Mails that reached somebody else: what was said, qualified by an officer, and whether the sender
may write to that address again.

Who wrote to whom is shown to those of the sender's compartment; nobody qualifies what he sent
himself, save in a practice of one. Nothing of the mail is shown: where it was held, its page is.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.pages.sender import address_given
from gateway.console.visit import Page, Visit
from gateway.language import later
from gateway.store.incidents import PAGE, Incident, Kind, Outcome, Parties, Report
from gateway.store.vault import CannotOpen

KINDS = {
    Kind.PORTAL: later("par le lien du portail, sans le lire"),
    Kind.PORTAL_READ: later("par le portail, après l'avoir lu"),
    Kind.MAIL: later("par courriel, à l'adresse faite pour cela"),
    Kind.HEARD: later("dans une réponse à l'expéditeur, lue par la passerelle"),
    Kind.OFFICER: later("par un responsable, à qui on l'a dit"),
}
OUTCOMES = {
    Outcome.DISCLOSURE: later(
        "Violation de données : quelqu'un a pu lire ce qui n'était pas pour lui"
    ),
    Outcome.NO_RISK: later("Arrivé à tort, sans risque pour les personnes concernées"),
    Outcome.MISTAKE: later("Signalé par erreur : le message était bien pour cette personne"),
}
_CODE = 32  # characters of a mail's code


@dataclass(frozen=True, slots=True)
class Row:
    """parties: None where no key here opens them."""

    one: Incident
    parties: Parties | None


async def show(visit: Visit) -> Response:
    done, before = visit.asked("etat") == "qualifies", visit.asked("avant")
    mine = visit.who.compartments
    found = await visit.desk.incidents.page(mine, done=done, before=_number(before))
    kept = {"etat": "qualifies"} if done else {}
    following = urlencode(kept | {"avant": found[-1].id}) if len(found) == PAGE else ""
    return visit.page(
        "incidents.html",
        rows=[_row(visit, one) for one in found],
        done=done,
        kinds=KINDS,
        outcomes=OUTCOMES,
        following=f"?{following}" if following else "",
    )


async def show_one(visit: Visit) -> Response:
    one = await _incident(visit)
    row = _row(visit, one)
    return visit.page(
        "incident.html",
        one=one,
        parties=row.parties,
        words=one.words(visit.desk.keys) if row.parties else "",
        held=await visit.desk.holds.get(one.about) if one.about else None,
        free=_may_rule(visit, one),
        own=_is_own(visit, one),
        kinds=KINDS,
        outcomes=OUTCOMES,
    )


async def open_one(visit: Visit) -> Response:
    """By an officer, who was told on the telephone, say: he is sure of it."""
    sender, recipient = (address_given(visit.given(name)) for name in ("expediteur", "adresse"))
    code = visit.given("code")
    if not (sender and recipient):
        return visit.away("/incidents", visit.words("Il faut deux adresses."))
    whose, mine = visit.desk.compartment_of(sender), visit.who.compartments
    if mine and whose not in mine:
        raise HTTPException(403)
    found = await visit.desk.holds.get(code[:_CODE]) if code else None
    about = found.id if found else ""
    now = visit.desk.clock()
    report = Report(Kind.OFFICER, now, about, whose, sender, recipient, sure=True, quoted=code)
    await visit.desk.incidents.open(report)
    visit.desk.log.info("incident opened", by=visit.who.name)
    return visit.away("/incidents", visit.words("C'est noté."))


async def qualify(visit: Visit) -> Response:
    one = await _own_refused(visit)
    here = f"/incidents/{one.id}"
    if visit.given("suite") not in set(Outcome):
        return visit.away(here, visit.words("Choisissez ce que c'était."))
    outcome = Outcome(visit.given("suite"))
    words = visit.given("mots")
    done = await visit.desk.incidents.qualify(one, outcome, words, visit.who.name)
    if not done:
        return visit.away(here, visit.words("Quelqu'un l'a déjà qualifié."))
    visit.desk.log.info("incident qualified", incident=one.id, outcome=outcome)
    return visit.away(here, visit.words("C'est noté."))


async def block(visit: Visit) -> Response:
    """Lift the block, or begin it where nobody was sure of the pair."""
    one = await _own_refused(visit)
    desk, who, here = visit.desk, visit.who.name, f"/incidents/{one.id}"
    if visit.given("quoi") == "lever":
        done = await desk.incidents.lift(one, who)
        said = visit.words("Blocage levé : cet expéditeur peut de nouveau écrire à cette adresse.")
    else:
        done = await desk.incidents.block(one, who)
        said = visit.words("Bloqué : ce qui est sensible attendra.")
    if done:
        desk.log.info("pair", incident=one.id, lifted=visit.given("quoi") == "lever")
    return visit.away(here, said if done else visit.words("Rien n'a changé."))


async def _incident(visit: Visit) -> Incident:
    """That of the address; 404, too, where it is none of this account's business."""
    number, mine = _number(visit.request.path_params["id"]), visit.who.compartments
    one = await visit.desk.incidents.get(number) if number is not None else None
    if one is None or (mine and one.compartment not in mine):
        raise HTTPException(404)
    return one


async def _own_refused(visit: Visit) -> Incident:
    one = await _incident(visit)
    if not _may_rule(visit, one):
        raise HTTPException(403)
    return one


def _may_rule(visit: Visit, one: Incident) -> bool:
    return visit.may(Act.RULE) and (visit.desk.practice or not _is_own(visit, one))


def _is_own(visit: Visit, one: Incident) -> bool:
    return bool(one.sender_hash) and visit.who.address_hash == one.sender_hash


def _row(visit: Visit, one: Incident) -> Row:
    try:
        return Row(one, one.parties(visit.desk.keys))
    except CannotOpen:
        return Row(one, None)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


PAGES = (
    Page("GET", "/incidents", Act.SEE, show),
    Page("POST", "/incidents", Act.RULE, open_one),
    Page("GET", "/incidents/{id}", Act.SEE, show_one),
    Page("POST", "/incidents/{id}/qualification", Act.RULE, qualify),
    Page("POST", "/incidents/{id}/blocage", Act.RULE, block),
)
