"""The section `monitor`: until when rules only look on, and which stop mail all the same. What it
means is `gateway.decide.observation`."""

from __future__ import annotations

from datetime import date

from gateway.config_words import Section


class Monitor(Section):
    """until: the last day. enforce: ids of rules, or families."""

    until: date
    enforce: tuple[str, ...] = ()
