"""What is to be done before staff's mail is read, what is declared as done, and how to do the rest.

Whoever decides or administers sees above every page what is not declared; here is why, and where it
is written down (`declared` in gateway.yaml). Nothing is changed here.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.visit import Page, Visit


async def show(visit: Visit) -> Response:
    return visit.page("declared.html")


PAGES = (Page("GET", "/declarations", Act.BE_SIGNED_IN, show),)
