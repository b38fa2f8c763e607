"""Templates: every value is escaped, none is ever called safe."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.console import shown
from gateway.console.access import Act
from gateway.console.duties import DUTIES
from gateway.store.events import SENDER

if TYPE_CHECKING:
    from gateway.console.visit import Visit

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals |= {"Act": Act, "DUTIES": DUTIES, "SENDER": SENDER}
_environment.filters.update(shown.FILTERS)


def render(template: str, visit: Visit, values: Mapping[str, Any]) -> str:
    return _environment.get_template(template).render(
        visit=visit,
        desk=visit.desk,
        account=visit.account,
        csrf=visit.session.csrf if visit.session else "",
        said=visit.said(),
        language=visit.words.language,
        _=visit.words,
        many=visit.words.many,
        place=partial(shown.place, visit.words),
        inside=partial(shown.inside, visit.words),
        titled=visit.rule,
        here=visit.request.url.path,
        **values,
    )
