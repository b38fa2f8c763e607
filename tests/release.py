"""A release process's parts on a test's store: what `serve.release` builds, with a test's clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import structlog

from gateway.act.hop import Hop, Routes
from gateway.act.notice import Notices
from gateway.act.relay import PooledRelay
from gateway.clockwork import Clockwork
from gateway.release import Release
from gateway.store.bundles import Bundles
from tests.stores import Store

OURS = "@chu.example"
OFFICER = "dpo@chu.example"
PARIS = ZoneInfo("Europe/Paris")


class Quiet:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, object]]] = []

    def __getattr__(self, level: str) -> object:
        return lambda event, **fields: self.lines.append((level, event, fields))

    def said(self, event: str) -> list[dict[str, object]]:
        return [fields for _, said, fields in self.lines if said == event]


def a_relay(port: int) -> PooledRelay:
    hop = Hop("127.0.0.1", port, tls="none")
    return PooledRelay(Routes(hop), hostname="gw.example", timeout=5)


class Silent(Notices):
    """Does not tell the sender of a release: for tests that count what was sent."""

    def released(self, case, now, became=""):
        return None


def some_notices(kind: type[Notices] = Notices) -> Notices:
    return kind(
        ours=lambda address: address.lower().endswith(OURS),
        sender="quarantaine@chu.example",
        officers=(OFFICER,),
        help="aide@chu.example",
    )


def a_release(
    store: Store,
    port: int,
    *,
    owner: str = "me:1",
    hourly: int = 20,
    series: float = -1.0,  # none: most tests hold many mails at one instant
    keys=None,
    telling: bool = False,
):
    log: structlog.BoundLogger = Quiet()  # type: ignore[assignment]
    return Release(
        outbox=store.outbox,
        holds=store.holds,
        bundles=Bundles(store.database, store.hmac, hourly=hourly, series=series),
        relay=a_relay(port),
        notices=some_notices(Notices if telling else Silent),
        opening=store.private if keys is None else keys,
        sealing=store.public,
        log=log,
        owner=owner,
        clock=store.clock,
        patience=(0.0,),
    )


def a_clockwork(
    store: Store, *, hours: tuple[str, ...] = (), keys=None, notices=None, weekly: str = ""
):
    log: structlog.BoundLogger = Quiet()  # type: ignore[assignment]
    return Clockwork(
        database=store.database,
        blobs=store.blobs,
        holds=store.holds,
        notices=notices or some_notices(),
        opening=store.private if keys is None else keys,
        sealing=store.public,
        log=log,
        digest_hours=hours,
        timezone=PARIS,
        key=store.hmac,
        weekly=weekly,
        clock=store.clock,
    )
