"""How things are written on a page: times, ages, sizes, states, kinds, and what steers a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context

from gateway.act.wording import DATA
from gateway.console import dates
from gateway.console.access import Act
from gateway.decide import told
from gateway.detect import veil
from gateway.language import Words, later
from gateway.model import Coverage, Inspection, Likelihood, Place, Trouble
from gateway.preview import FILE_NAME
from gateway.recorded import EVENTS
from gateway.store.schema import Hidden, Post, State

_AWAITS = {  # whom a held mail waits for before it is an officer's
    "confirm": "attend l'expéditeur",
    "delay": "part sous peu",
    "review": "attend un second lecteur",
}
_STATES = {
    State.HELD: "retenu",
    State.RELEASING: "en cours d'envoi",
    State.RELEASED: "envoyé",
    State.REJECTED: "refusé",
    State.EXPIRED: "annulé, délai passé",
}
_ACTS = {  # as a token is made for them
    Act.SEE: "voir la file et les dossiers, valeurs masquées",
    Act.READ: "lire un message, avec une raison",
    Act.RULE: "décider",
    Act.ADVISE: "noter, prendre en charge, demander un second lecteur",
    Act.REVIEW: "donner un avis de second lecteur",
    Act.ACCOUNT_FOR: "voir le registre",
    Act.ADMINISTER: "tenir les comptes",
    Act.STUDY: "voir et essayer les règles",
    Act.OPERATE: "voir la santé du système",
}
_WAYS = {  # to sign in, as in `Account.entered_by`
    "local": "mot de passe",
    "ldap": "annuaire",
    "oidc": "fournisseur d'identité",
    "passkey": "clé d'accès",
}
_COVERAGES = {
    Coverage.WHOLE: "lu en entier",
    Coverage.PARTLY: "lu en partie",
    Coverage.UNREAD: "non lu",
}
_READINGS = {
    Coverage.WHOLE: "complète",
    Coverage.PARTLY: "partielle",
    Coverage.UNREAD: "incomplète",
}
_SPOTS = {  # what readers call them, in English
    "header fields": "autres en-têtes",
    "forms, annotations and properties": "formulaires, annotations et propriétés",
    "recipients": "destinataires",
    "comment": "commentaire",
    "fields": "champs",
    "properties": "propriétés",
    "sheets": "feuilles",
    "strings of no cell": "textes sans cellule",
    "names and drawings": "noms et dessins",
    "markup": "balises",
    "left behind by saving": "resté d'un enregistrement",
    "formats of numbers": "formats de nombres",
    "body": "corps",
    "after the end": "après la fin",
}
_STARTS = {"sheet ": "feuille ", "header ": "en-tête ", "beside ": "à côté de "}
_HIDDEN = {  # beside kinds; see `gateway.detect.veil`
    veil.ROW: "ligne sur une personne",
    veil.NUMBER: "long numéro",
    veil.FAILED: "texte que le contrôle n'a pas pu examiner",
}
_LETTERS = {
    "notice": "avis",
    "question": "question à l'expéditeur",
    "bundled": "avis, à regrouper",
    "bundle": "avis groupé",
    "secret": "mot de passe d'un PDF",
    "report": "rapport de refus",
    "review": "demande de relecture",
    "digest": "relevé aux officiers",
    "reminder": "rappel aux officiers",
}
_POSTS = {
    Post.WAITING: "en attente d'envoi",
    Post.DONE: "parti",
    Post.GIVEN_UP: "pas parti",
}
_KINDS = DATA | {
    "health.person": "santé d'une personne nommée",
    "health.pmsi.pseudonymous": "séjours hospitaliers sans les noms",
    "table.health": "tableau de données de santé",
    "table.social": "tableau de données sociales",
    "table.pseudonymous": "tableau de personnes sans leurs noms",
    "table.plausibility": "données réelles ou inventées ?",
    "health.blood": "groupe sanguin",
    "birth": "dates de naissance",
    "address": "adresses postales",
    "phone": "numéros de téléphone",
    "bic": "codes de banques (BIC)",
    "mrz": "lignes lues par machine (passeport, carte d'identité)",
    "fr.cni": "carte d'identité",
    "fr.passport": "passeport",
    "fr.residence": "titre de séjour",
    "fr.ine": "numéro d'étudiant (INE)",
    "fr.ipp": "numéro de patient (IPP)",
    "fr.nir.rounded": "numéro de sécurité sociale arrondi par un tableur",
    "fr.rpps": "numéro de soignant (RPPS)",
    "fr.adeli": "numéro de soignant (ADELI)",
    "fr.finess": "numéro d'établissement (FINESS)",
}
_SECRECY = {
    Hidden.COMPARTMENT: "personne ne lit les messages de ce compartiment ; l'expéditeur en décide",
    Hidden.PERSONAL: "marqué personnel ; l'expéditeur seul peut l'ouvrir, vous pouvez le refuser",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = ((later("Go"), 1024**3), (later("Mo"), 1024**2), (later("Ko"), 1024))
_STEERING = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")


PARCELS = {  # how a parcel of the portal ended
    "refused": "refusé : ce n'était pas la bonne personne",
    "recalled": "rappelé",
    "expired": "terminé",
    "unsent": "jamais parti",
}


def texts() -> tuple[str, ...]:
    """What these tables may put on a page, for the catalogues."""
    tables = (
        _STATES,
        _AWAITS,
        EVENTS,
        PARCELS,
        _KINDS,
        _ACTS,
        _WAYS,
        _COVERAGES,
        _READINGS,
        _HIDDEN,
        _SECRECY,
        _LETTERS,
        _POSTS,
        told.LIKELIHOOD,
        told.TROUBLE,
    )
    named = dict.fromkeys(text for table in tables for text in table.values())
    return (*named, FILE_NAME)


def state(value: State) -> str:
    return _STATES[value]


def awaited(kind: str) -> str:
    return _AWAITS[kind]


def secrecy(value: str) -> str:
    return _SECRECY[Hidden(value)]


def event(kind: str) -> str:
    return EVENTS.get(kind, kind)


def way(value: str) -> str:
    return _WAYS[value]


def act(value: str) -> str:
    return _ACTS[Act(value)]


def kind(name: str) -> str:
    """What a kind of finding is called."""
    return _KINDS.get(name, name)


def hidden(name: str) -> str:
    """Why a word of a preview is masked."""
    return _HIDDEN.get(name) or kind(name)


def coverage(value: Coverage) -> str:
    return _COVERAGES[value]


def letter(kind: str) -> str:
    return _LETTERS.get(kind, kind)


def post(value: Post) -> str:
    return _POSTS[value]


def likelihood(value: Likelihood) -> str:
    return told.LIKELIHOOD[value]


def trouble(value: Trouble) -> str:
    return told.TROUBLE[value]


def place(say: Words, where: Place) -> str:
    """Where in a message, in words."""
    spot = inside(say, where)
    if not where.part:
        return spot or say("en-tête du message")
    part = say("partie {part}", part=where.part)
    return f"{part}, {spot}" if spot else part


def inside(say: Words, where: Place) -> str:
    """The spot in a part. Readers name it in English, or by a word of the file; we, in French."""
    spot = where.inside
    if say.language != "fr":
        return say(spot)
    if spot in _SPOTS:
        return _SPOTS[spot]
    start = next((one for one in _STARTS if spot.startswith(one)), "")
    return _STARTS[start] + spot.removeprefix(start) if start else spot


def reading(say: Words, seen: Inspection) -> str:
    """ "complète (3 parties sur 3)"."""
    whole = sum(part.coverage is Coverage.WHOLE for part in seen.parts)
    counted = say.many(
        "{count} partie sur {all}", "{count} parties sur {all}", whole, all=len(seen.parts)
    )
    return f"{say(_READINGS[seen.coverage])} ({counted})"


@pass_context
def age(page: Context, seconds: float) -> str:
    """Of a mail in the queue: the coarsest unit that tells it."""
    if seconds < _HOUR:
        return f"{max(0, int(seconds // _MINUTE))} min"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)} h"
    return str(page["_"](later("{count} j"), count=int(seconds // _DAY)))


@pass_context
def size(page: Context, octets: int) -> str:
    mark = "," if page["language"] == "fr" else "."
    for name, unit in _UNITS:
        if octets >= unit:
            return f"{octets / unit:.1f} {page['_'](name)}".replace(".", mark)
    return f"{octets} {page['_'](later('o'))}"


@pass_context
def when(page: Context, epoch: float) -> str:
    """Day and hour in words, in the organisation's time zone."""
    return dates.in_words(epoch, page["desk"].calendar, page["language"])


class _Boxes(dict[int, int]):
    """Code points by what is shown for them; each is looked up once."""

    def __missing__(self, code: int) -> int:
        steers = unicodedata.category(chr(code)) in _STEERING
        self[code] = ord("\u25af") if steers else code
        return self[code]


_BOXES = _Boxes()


def plain(text: str) -> str:
    """A stranger's text without what turns its direction, hides or moves: each such character is
    shown as a box. Names of files and addresses are told apart by it."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_BOXES)


def lines(text: str) -> str:
    """The same for a text of several lines, with its tabs."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in "\n\t" else plain(c) for c in text.replace("\r\n", "\n"))


FILTERS: dict[str, Callable[..., str]] = {
    "act": act,
    "age": age,
    "coverage": coverage,
    "event": event,
    "kind": kind,
    "hidden": hidden,
    "letter": letter,
    "lines": lines,
    "likelihood": likelihood,
    "post": post,
    "awaited": awaited,
    "secrecy": secrecy,
    "trouble": trouble,
    "plain": plain,
    "size": size,
    "state": state,
    "way": way,
    "when": when,
}
