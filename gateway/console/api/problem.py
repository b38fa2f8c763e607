"""What an API says when it does not do as asked: RFC 9457, in the caller's language.

A closed list of kinds, each with a status and a sentence; programs go by `type`. Nothing of what
was sent or of any mail is quoted: an error says where, never what.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError
from starlette.responses import JSONResponse, Response

from gateway.console.api.shape import Shape
from gateway.language import Words, later

MEDIA = "application/problem+json"
_TYPE = "urn:vaguemestre:problem:"
_MOST_ERRORS = 20
_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """title: in French, for the catalogue."""

    slug: str
    status: int
    title: str


MALFORMED = Kind("malformed", 400, later("Le corps de la requête n'est pas du JSON."))
UNSIGNED = Kind("unsigned", 401, later("Il faut un jeton valable."))
FORBIDDEN = Kind("forbidden", 403, later("Ce jeton n'ouvre pas cet acte."))
NOT_YOURS = Kind("not-yours", 403, later("Vous ne décidez pas de ce dossier."))
TWO_NEEDED = Kind("two-needed", 403, later("Un second officier doit d'abord donner son accord."))
NOT_FOUND = Kind("not-found", 404, later("Rien à cette adresse."))
METHOD = Kind("method", 405, later("Cette adresse ne se demande pas ainsi."))
CONFLICT = Kind("conflict", 409, later("C'était déjà fait, ou ce n'est plus possible."))
DECIDED = Kind("already-decided", 409, later("Ce dossier était déjà décidé : rien n'a été fait."))
SEALED = Kind("sealed", 409, later("Aucune clé d'ici n'ouvre ce dossier."))
LENGTH = Kind("length-required", 411, later("La requête doit dire sa longueur."))
CHANGED = Kind("changed", 412, later("Le dossier a changé depuis : relisez-le."))
TOO_LARGE = Kind("too-large", 413, later("La requête est trop longue."))
TYPE = Kind("media-type", 415, later("Le corps doit être annoncé comme application/json."))
INVALID = Kind("invalid", 422, later("Des champs de la requête ne vont pas."))
KEY_REUSED = Kind("key-reused", 422, later("Cette Idempotency-Key a servi à une autre décision."))
LOCKED = Kind("too-many", 429, later("Trop de jetons inexacts : attendez un moment."))
UNDER_LOCK = Kind("locked", 423, later("Ce contenu ne s'ouvre que dans la console, par l'entrée."))
FAILED = Kind("failed", 500, later("Une erreur s'est produite."))
BUSY = Kind("busy", 503, later("Ce service ne répond pas à l'instant : réessayez."))
BY_STATUS = {404: NOT_FOUND, 405: METHOD, 403: FORBIDDEN}

_WRONG = {
    "missing": later("Ce champ manque."),
    "extra_forbidden": later("Ce champ n'existe pas."),
    "too_short": later("Il en faut davantage."),
    "too_long": later("Il y en a trop."),
    "string_too_short": later("Ce texte est trop court."),
    "string_too_long": later("Ce texte est trop long."),
    "string_pattern_mismatch": later("Ce texte n'a pas la forme attendue."),
    "literal_error": later("Cette valeur n'est pas de la liste."),
    "enum": later("Cette valeur n'est pas de la liste."),
}
_OTHER = later("Cette valeur n'a pas le type ou l'étendue attendus.")


class FieldError(Shape):
    at: str = Field(description="body/field, query/parameter, header/name")
    detail: str


class ProblemDetails(Shape):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[FieldError, ...] = ()


class Problem(Exception):
    """detail, errors: in the caller's language. headers: of the answer."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind, self.detail, self.errors = kind, detail, tuple(errors)
        self.headers = dict(headers or {})

    def response(self, say: Words) -> Response:
        kind = self.kind
        told = ProblemDetails(
            type=_TYPE + kind.slug,
            title=say(kind.title),
            status=kind.status,
            detail=self.detail,
            errors=self.errors,
        )
        headers = {"Content-Language": say.language} | self.headers
        return JSONResponse(told.model_dump(mode="json"), kind.status, headers, MEDIA)


def wrong(place: str, detail: str) -> Problem:
    """One field that cannot be, for a reason that the schema does not say."""
    return Problem(INVALID, errors=[FieldError(at=place, detail=detail)])


def invalid(error: ValidationError, where: str, say: Words) -> Problem:
    """where: "body", "query", "header"."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        return Problem(MALFORMED)
    errors = [
        FieldError(at=_at(where, one["loc"]), detail=say(_WRONG.get(one["type"], _OTHER)))
        for one in found[:_MOST_ERRORS]
    ]
    return Problem(INVALID, errors=errors)


def _at(where: str, location: Sequence[Any]) -> str:
    keys = (str(key) if _KEY.fullmatch(str(key)) else "?" for key in location)
    return "/".join((where, *keys))
