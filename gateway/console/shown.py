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
from gateway.model import Likelihood, Trouble
from gateway.store.schema import State

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
    "revealed": "message lu",
    "release": "envoi demandé",
    "released": "envoyé",
    "release failed": "l'envoi a échoué",
    "rejected": "refusé",
    "expired": "annulé, délai passé",
    "erased": "effacé",
    "purged": "effacement",
    "comment": "note",
    "assigned": "pris en charge",
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
_KINDS = DATA | {
    "table.health": "tableau de données de santé",
    "table.social": "tableau de données sociales",
    "table.pseudonymous": "tableau de personnes sans leurs noms",
    "table.plausibility": "données réelles ou inventées ?",
    "birth": "dates de naissance",
    "address": "adresses postales",
    "phone": "numéros de téléphone",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = ((later("Go"), 1024**3), (later("Mo"), 1024**2), (later("Ko"), 1024))
_STEERING = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")


def texts() -> tuple[str, ...]:
    """What these tables may put on a page, for the catalogues."""
    tables = (_STATES, _EVENTS, _KINDS, told.LIKELIHOOD, told.TROUBLE)
    return tuple(dict.fromkeys(text for table in tables for text in table.values()))


def state(value: State) -> str:
    return _STATES[value]


def event(kind: str) -> str:
    return _EVENTS.get(kind, kind)


def kind(name: str) -> str:
    """What a kind of finding is called."""
    return _KINDS.get(name, name)


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


def plain(text: str) -> str:
    """A stranger's text without what turns its direction, hides or moves: each such character is
    shown as a box. Names of files and addresses are told apart by it."""
    return "".join("\u25af" if unicodedata.category(c) in _STEERING else c for c in text)


FILTERS: dict[str, Callable[..., str]] = {
    "age": age,
    "event": event,
    "kind": kind,
    "likelihood": likelihood,
    "trouble": trouble,
    "plain": plain,
    "size": size,
    "state": state,
    "when": when,
}
