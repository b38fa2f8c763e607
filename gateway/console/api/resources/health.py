"""How the system does, for whoever runs it. Nothing of any mail."""

from __future__ import annotations

import platform
from datetime import datetime

from gateway import __version__
from gateway.console.access import Act
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import Shape, moment_or_none


class Waiting(Shape):
    messages: int
    oldest: datetime | None


class Store(Shape):
    """posts: letters and releases that wait to be sent. given_up: those that could not be, within
    a week. free: octets left on disk; null where nothing was held yet."""

    kind: str
    version: str
    posts: int
    oldest: datetime | None
    given_up: int
    free: int | None


class Health(Shape):
    """separated: doors cannot read what is held. stale: the rules on disk are broken, and older
    ones are in force."""

    version: str
    python: str
    waiting: Waiting
    store: Store
    keys: tuple[str, ...]
    separated: bool
    rules: int
    stale: bool


async def show(call: Call) -> Health:
    """Counts, store, keys, versions."""
    desk = call.desk
    counts, store = await desk.holds.counts(), await desk.health.look()
    return Health(
        version=__version__,
        python=platform.python_version(),
        waiting=Waiting(messages=counts.messages, oldest=moment_or_none(counts.oldest)),
        store=Store(
            kind=store.kind,
            version=store.version,
            posts=store.posts,
            oldest=moment_or_none(store.oldest),
            given_up=store.given_up,
            free=store.free,
        ),
        keys=tuple(key.id for key in desk.keys),
        separated=desk.separated,
        rules=len(desk.bench.rules().rules),
        stale=bool(desk.bench.stale()),
    )


ROUTES = (Route("GET", "/v1/health", Act.OPERATE, show),)
