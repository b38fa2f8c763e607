"""What the release process does for the white list of MSSanté: has it anew, tells its age."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
from collections.abc import Awaitable, Callable

import pytest
import trustme
from prometheus_client import CollectorRegistry

from gateway.act import white_list
from gateway.act.white_list import MAX_BYTES, Unusable, WhiteList
from gateway.config_mssante import WhiteList as Told
from gateway.means.white_list_care import (
    AGAIN_SECONDS,
    WhiteListCare,
    from_file,
    from_site,
)
from gateway.watch.metrics import mssante_list_age
from tests.makers import mssante
from tests.release import OFFICER, Quiet, some_notices
from tests.stores import KINDS, Store, fresh
from tests.unit.means.test_certificate_care import waiting

NOW, DAY = 1_800_000_000.0, 86_400.0
AGE = "vaguemestre_mssante_list_age_seconds"


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


class Publisher:
    """Gives what it has, or fails."""

    def __init__(self, *documents: bytes | None) -> None:
        self.documents, self.asked = list(documents), 0

    async def __call__(self, now: float) -> tuple[bytes, float]:
        self.asked += 1
        given = self.documents.pop(0) if len(self.documents) > 1 else self.documents[0]
        if given is None:
            raise Unusable("its host did not give it")
        return given, now


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def a_care(store, folder, get, *, registry=None, log=None, **told):
    clock = Clock()
    return clock, WhiteListCare(
        known=WhiteList(folder, told.get("expired", 30.0), clock),
        told=Told.model_validate({"source": "https://liste.example/x.xml"} | told),
        get=get,
        database=store.database,
        notices=some_notices(),
        sealing=store.public,
        log=log or Quiet(),
        gauge=mssante_list_age(registry),
        every=DAY,
    )


async def passes(care, clock, *moments):
    for moment in moments:
        clock.now = moment
        await care(moment)
        if care.fetching:
            await care.fetching
        await care(moment)


def test_it_is_had_once_a_day_and_doors_know_it_at_once(store, tmp_path):
    publisher, registry = Publisher(mssante.white_list()), CollectorRegistry()
    clock, care = a_care(store, tmp_path, publisher, registry=registry)
    moments = (NOW, NOW + 3600, NOW + DAY - 1, NOW + DAY + 1)
    asyncio.run(passes(care, clock, *moments))
    assert publisher.asked == 2
    assert WhiteList(tmp_path, 30, clock).listed("medecin.mssante.fr") is True
    assert registry.get_sample_value(AGE) == pytest.approx(0, abs=0.01)
    assert waiting(store) == []


def test_a_start_does_not_ask_for_what_is_fresh(store, tmp_path):
    white_list.keep(tmp_path, frozenset(["medecin.mssante.fr"]), NOW - 3600)
    publisher, registry = Publisher(mssante.white_list()), CollectorRegistry()
    clock, care = a_care(store, tmp_path, publisher, registry=registry)
    asyncio.run(passes(care, clock, NOW))
    assert publisher.asked == 0
    assert registry.get_sample_value(AGE) == pytest.approx(3600, abs=0.01)


@pytest.mark.parametrize("broken", [None, b"<html/>", mssante.white_list()[:-9]])
def test_what_cannot_be_had_or_read_leaves_the_last_one_and_is_tried_again_soon(
    store, tmp_path, broken
):
    white_list.keep(tmp_path, frozenset(["ancien.mssante.fr"]), NOW - 2 * DAY)
    publisher, log = Publisher(broken, mssante.white_list()), Quiet()
    clock, care = a_care(store, tmp_path, publisher, log=log)
    asyncio.run(passes(care, clock, NOW))
    assert care.known.listed("ancien.mssante.fr") is True
    assert len(log.said("white list not had")) == 1
    asyncio.run(passes(care, clock, NOW + AGAIN_SECONDS + 1))
    assert care.known.listed("ancien.mssante.fr") is False


def test_officers_have_a_letter_a_day_once_it_is_stale(store, tmp_path):
    white_list.keep(tmp_path, frozenset(["ancien.mssante.fr"]), NOW)
    clock, care = a_care(store, tmp_path, Publisher(None))
    asyncio.run(passes(care, clock, NOW + 2 * DAY))
    assert waiting(store) == []
    asyncio.run(passes(care, clock, NOW + 4 * DAY, NOW + 4 * DAY + 60, NOW + 31 * DAY))
    first, second = waiting(store)
    assert [one.address for one in first.recipients] == [OFFICER]
    assert b"Elle vaut encore" in first.content
    assert b"Plus rien ne part" in second.content


def test_a_list_that_never_came_is_told(store, tmp_path):
    registry = CollectorRegistry()
    clock, care = a_care(store, tmp_path, Publisher(None), registry=registry)
    asyncio.run(passes(care, clock, NOW))
    assert registry.get_sample_value(AGE) == float("inf")
    assert len(waiting(store)) == 1


@pytest.fixture
def one_store(tmp_path):
    made = Store(fresh(KINDS[0], tmp_path), tmp_path)
    yield made
    made.database.close()


@pytest.mark.parametrize(("digest", "listed"), [(None, True), ("right", True), ("0" * 64, None)])
def test_a_digest_that_is_named_must_be_its_own(one_store, tmp_path, digest, listed):
    document = mssante.white_list()
    named = hashlib.sha256(document).hexdigest() if digest == "right" else digest
    clock, care = a_care(one_store, tmp_path / "list", Publisher(document), sha256=named)
    asyncio.run(passes(care, clock, NOW))
    assert care.known.listed("medecin.mssante.fr") is listed


def test_a_file_is_as_old_as_it_says(tmp_path):
    path = tmp_path / "liste.xml"
    path.write_bytes(mssante.white_list())
    os.utime(path, (NOW - 5 * DAY, NOW - 5 * DAY))
    assert asyncio.run(from_file(path)(NOW)) == (mssante.white_list(), NOW - 5 * DAY)
    with pytest.raises(Unusable):
        asyncio.run(from_file(tmp_path / "nowhere.xml")(NOW))


AUTHORITY, STRANGER = trustme.CA(), trustme.CA()


def asked(answer: bytes, authority=AUTHORITY, name="127.0.0.1") -> bytes:
    """What comes of asking a server of that name, whose answer this is."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(serving)
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async def go() -> bytes:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
        port = server.sockets[0].getsockname()[1]
        get: Callable[[float], Awaitable[tuple[bytes, float]]] = from_site(
            f"https://127.0.0.1:{port}/liste.xml", trusting
        )
        async with server:
            document, had = await get(NOW)
        assert had == NOW
        return document

    return asyncio.run(go())


def said(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{more}\r\n".encode() + body


def test_it_is_had_from_its_host():
    assert asked(said(mssante.white_list())) == mssante.white_list()


@pytest.mark.parametrize(
    ("answer", "settings"),
    [
        (said(b"x"), {"authority": STRANGER}),
        (said(b"x"), {"name": "autre.example"}),
        (said(b"", "302 Found", "Location: https://127.0.0.1:1/x\r\n"), {}),
        (said(b"non", "404 Not Found"), {}),
        (said(b"x" * (MAX_BYTES + 1)), {}),
        (b"", {}),
        (b"nonsense\r\n\r\n", {}),
    ],
)
def test_any_other_host_or_answer_is_none(answer, settings):
    with pytest.raises(Unusable):
        asked(answer, **settings)
