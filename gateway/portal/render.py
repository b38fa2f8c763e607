"""Templates: every value is escaped, none is ever called safe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from gateway.portal.visit import Visit

_KILO = 1024
_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, visit: Visit, values: Mapping[str, Any]) -> str:
    return _environment.get_template(template).render(
        visit=visit,
        desk=visit.desk,
        who=visit.desk.organisation or visit.words("Portail de messages"),
        language=visit.words.language,
        path=visit.request.url.path,
        _=visit.words,
        many=visit.words.many,
        day=visit.day,
        moment=visit.moment,
        size=lambda octets: _size(visit, octets),
        **values,
    )


def _size(visit: Visit, octets: int) -> str:
    if octets < _KILO * _KILO:
        return visit.words("{n} ko", n=max(1, octets // _KILO))
    return visit.words(
        "{n} Mo",
        n=f"{octets / _KILO / _KILO:.1f}".replace(
            ".", "," if visit.words.language == "fr" else "."
        ),
    )
