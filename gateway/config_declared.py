"""The section `declared`: what the law asks for before staff's mail is read, and when it was done.

The impact assessment (GDPR, art. 35), the works council's consultation (Code du travail, art.
L.2312-38), the staff's information (L.1222-4). A date is all that is kept; the console shows in red
what has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from gateway.config_words import Section, refuse

NO_COUNCIL = "none"  # below eleven employees there need not be one (art. L.2311-2)


def _council(value: Any) -> date | str | None:
    if value == NO_COUNCIL:
        return NO_COUNCIL
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        remedy = 'write its day, "2026-12-31", or "none" where there is no council'
        raise refuse("this is no day", remedy) from None


class Declared(Section):
    """dpia, staff: the day it was done. works_council: the day it was consulted, or "none"."""

    dpia: date | None = None
    works_council: Annotated[date | Literal["none"] | None, PlainValidator(_council)] = None
    staff: date | None = None

    def missing(self, today: date) -> Iterator[str]:
        """The names of those that are not done: a day to come is a promise."""
        for name, done in self:
            if done is None or (isinstance(done, date) and done > today):
                yield name
