"""From mails a day to nodes and cores, and a plan that shows how these do."""

from __future__ import annotations

import math

from tools.simulation.figures import Figures
from tools.simulation.run import Plan
from tools.simulation.traffic import DAY, HOUR, PEAK, processor_ms

_SIZES = (2, 4, 8, 16)  # cores of a node
_LEAST_SECONDS = 60.0
_MOST_DAYS = 20


def plan_for(a_day: float, figures: Figures, mails: int) -> Plan:
    """mails: so many are simulated, more or less: days of a small house, a part of the busiest
    hour of one node of a large one."""
    a_second = a_day * PEAK / HOUR
    needed = a_second * processor_ms(figures) / 1000 / figures.use
    cores = next((size for size in _SIZES if size >= needed), _SIZES[-1])
    nodes = max(1, math.ceil(needed / cores))
    store = "sqlite" if nodes == 1 else "postgresql"
    if mails >= a_day:
        seconds = min(_MOST_DAYS, mails // a_day) * DAY
        return Plan(a_day, nodes, cores, store, seconds, peak=False)
    seconds = min(HOUR, max(_LEAST_SECONDS, mails / (a_second / nodes)))
    return Plan(a_day, nodes, cores, store, seconds, looked_at=1)
