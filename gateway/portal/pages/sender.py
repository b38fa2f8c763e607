"""The sender's own page: what became of it, the recipient's number, the way back."""

from __future__ import annotations

from starlette.responses import Response

from gateway.act.correspondents import shown
from gateway.act.sms import number_of
from gateway.language import later
from gateway.portal.visit import Page, Pages, Visit
from gateway.store.parcel_sender import Followed

_NO_NUMBER = later("Ce n'est pas un numéro de téléphone. Exemple : 06 39 98 12 34.")


async def show(visit: Visit) -> Response:
    return _page(visit, await _followed(visit))


async def number(visit: Visit) -> Response:
    await _followed(visit)
    given = number_of(visit.given("numero"))
    if not given or visit.desk.sms is None:
        return _page(visit, await _followed(visit), 422, error=_NO_NUMBER)
    await visit.desk.senders.give_number(visit.token, given)
    said = later("Numéro enregistré. Le destinataire peut demander un code par SMS.")
    return _page(visit, await _followed(visit), said=said)


async def recall(visit: Visit) -> Response:
    await _followed(visit)
    done = await visit.desk.senders.recall(visit.token)
    said = later("Message rappelé : le lien n'ouvre plus rien.") if done else ""
    return _page(visit, await _followed(visit), said=said)


async def _followed(visit: Visit) -> Followed:
    return await visit.sought(visit.desk.senders.follow)


def _page(
    visit: Visit, parcel: Followed, status: int = 200, *, error: str = "", said: str = ""
) -> Response:
    return visit.page(
        "sender.html",
        status,
        parcel=parcel,
        to=shown(parcel.recipient),
        sms=visit.desk.sms is not None,
        error=error,
        said=said,
        token=visit.token,
    )


PAGES: Pages = (
    Page("GET", "/e/{token}", show),
    Page("POST", "/e/{token}/numero", number),
    Page("POST", "/e/{token}/rappel", recall),
)
