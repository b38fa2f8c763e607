"""How the system does, for whoever runs it: counts, stores, keys, versions. Nothing of any mail."""

from __future__ import annotations

import platform

from starlette.responses import Response

from gateway import __version__
from gateway.console.access import Act
from gateway.console.visit import Page, Visit

MOST_PERIODS = 20  # the others: `vaguemestre bypass status --all`


async def show(visit: Visit) -> Response:
    desk = visit.desk
    return visit.page(
        "health.html",
        counts=await desk.holds.counts(),
        store=await desk.health.look(),
        bypasses=(await desk.health.bypasses())[:MOST_PERIODS],
        keys=desk.keys,
        rules=len(desk.bench.rules().rules),
        stale=desk.bench.stale(),
        version=__version__,
        python=platform.python_version(),
        now=desk.clock(),
    )


PAGES = (Page("GET", "/sante", Act.OPERATE, show),)
