"""How things are written on a page: times, ages, sizes, states, kinds, and what steers a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context

from gateway.act.wording import DATA
from gateway.console import dates
from gateway.console.words import later
from gateway.decide import told
from gateway.detect import veil
from gateway.model import Coverage, Likelihood, Trouble
from gateway.store.schema import Post, State

_STATES = {
    State.HELD: "retenu",
    State.RELEASING: "en cours d'envoi",
    State.RELEASED: "envoyé",
    State.REJECTED: "refusé",
    State.EXPIRED: "annulé, délai passé",
}
_EVENTS = {
    "held": "retenu",
    "reminded": "rappel envoyé",
    "previewed": "aperçu masqué lu",
    "revealed": "lu en clair",
    "reading asked": "accord de lecture demandé",
    "reading granted": "accord de lecture donné",
    "exception drafted": "exception demandée",
    "exception added": "exception ajoutée",
    "release": "envoi demandé",
    "released": "envoyé",
    "release failed": "l'envoi a échoué",
    "rejected": "refusé",
    "expired": "annulé, délai passé",
    "erased": "effacé",
    "purged": "effacement",
    "comment": "note",
    "assigned": "pris en charge",
    "asked": "l'expéditeur demande l'envoi",
    "urgent release": "envoyé en urgence",
    "urgent release reviewed": "envoi urgent revu",
    "second reader asked": "second lecteur demandé",
    "signed in": "entrée",
    "sign-in failed": "entrée refusée",
    "account added": "compte ajouté",
    "account invited": "lien d'entrée donné",
    "account disabled": "compte fermé",
    "account enabled": "compte rouvert",
    "password set": "mot de passe changé",
    "roles set": "rôles changés",
    "second factor set": "second facteur mis en place",
    "second factor removed": "second facteur retiré",
}
_COVERAGES = {
    Coverage.WHOLE: "lu en entier",
    Coverage.PARTLY: "lu en partie",
    Coverage.UNREAD: "non lu",
}
_HIDDEN = {  # beside kinds; see `gateway.detect.veil`
    veil.ROW: "ligne sur une personne",
    veil.NUMBER: "long numéro",
    veil.FAILED: "texte que le contrôle n'a pas pu examiner",
}
_LETTERS = {
    "notice": "avis",
    "bundled": "avis, à regrouper",
    "bundle": "avis groupé",
    "secret": "mot de passe d'un PDF",
    "report": "rapport de refus",
    "digest": "relevé aux officiers",
    "reminder": "rappel aux officiers",
}
_POSTS = {
    Post.WAITING: "en attente d'envoi",
    Post.DONE: "parti",
    Post.GIVEN_UP: "pas parti",
}
_KINDS = DATA | {
    "table.health": "tableau de données de santé",
    "table.social": "tableau de données sociales",
    "table.pseudonymous": "tableau de personnes sans leurs noms",
    "table.plausibility": "données réelles ou inventées ?",
    "health.blood": "groupe sanguin",
    "birth": "dates de naissance",
    "address": "adresses postales",
    "phone": "numéros de téléphone",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = ((later("Go"), 1024**3), (later("Mo"), 1024**2), (later("Ko"), 1024))
_STEERING = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")


def texts() -> tuple[str, ...]:
    """What these tables may put on a page, for the catalogues."""
    tables = (
        _STATES,
        _EVENTS,
        _KINDS,
        _COVERAGES,
        _HIDDEN,
        _LETTERS,
        _POSTS,
        told.LIKELIHOOD,
        told.TROUBLE,
    )
    return tuple(dict.fromkeys(text for table in tables for text in table.values()))


def state(value: State) -> str:
    return _STATES[value]


def event(kind: str) -> str:
    return _EVENTS.get(kind, kind)


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
    "age": age,
    "coverage": coverage,
    "event": event,
    "kind": kind,
    "hidden": hidden,
    "letter": letter,
    "lines": lines,
    "likelihood": likelihood,
    "post": post,
    "trouble": trouble,
    "plain": plain,
    "size": size,
    "state": state,
    "when": when,
}
