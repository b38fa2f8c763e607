"""Spans tell how long, and nothing of whom; off, nothing of OpenTelemetry is there."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError

from gateway.act.hop import Hop, Routes
from gateway.config import Config
from gateway.config_traces import Traces
from gateway.errors import Misconfigured, Temporary
from gateway.hops import TracedRelay, destination
from gateway.model import DEFAULT_LIMITS, Disposition, Envelope, Reading, Recipient
from gateway.sandbox.timed import TimedInspector
from gateway.watch import spans
from gateway.watch.metrics import Metrics
from tests.fakes import NextHop
from tests.unit.test_flow import INSIDE, OUTSIDE, House

GATEWAY = Path(__file__).parents[3] / "gateway"
WORDS = "Zoé Inventée 2 79 99 99 999 001"


@pytest.fixture
def told():
    """Finished spans, the innermost first."""
    kept = InMemorySpanExporter()
    spans.begin("door", "node-1", SimpleSpanProcessor(kept))
    yield kept.get_finished_spans
    spans.end()


def test_a_span_within_a_span_and_what_it_says(told):
    with spans.span("mail", id="7K2F-9QXD", door="smtp"), spans.span("inspect") as say:
        say(coverage="whole", findings=2)
    inner, outer = told()
    assert (inner.name, dict(inner.attributes)) == (
        "inspect",
        {"coverage": "whole", "findings": 2},
    )
    assert (outer.name, dict(outer.attributes)) == ("mail", {"id": "7K2F-9QXD", "door": "smtp"})
    assert inner.parent.span_id == outer.context.span_id
    assert outer.resource.attributes["service.instance.id"] == "node-1"


def test_what_may_not_be_logged_may_not_be_traced(told):
    with pytest.raises(ValueError, match="Zo"), spans.span("act", why=WORDS, more=[WORDS]):
        raise ValueError(WORDS)
    (span,) = told()
    assert dict(span.attributes) == {"why": "?", "more": "?", "error": "ValueError"}
    assert not span.status.is_ok
    for word in ("Invent", "99 99"):  # no id and no clock writes these by chance
        assert word not in span.to_json()


def test_off_a_span_is_nothing_and_nothing_of_it_is_imported():
    with spans.span("x", a=1) as say:
        assert say(b=2) is None
    assert spans.span("x") is spans.span("y")
    at_once = re.compile(r"^(?:from|import) opentelemetry", re.MULTILINE)
    sources = {path.name: path.read_text("utf-8") for path in GATEWAY.rglob("*.py")}
    assert [name for name, text in sources.items() if at_once.search(text)] == []
    assert [name for name, text in sources.items() if "opentelemetry" in text] == ["spans.py"]


def test_without_the_extra_the_gateway_says_so_and_does_not_start(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(Misconfigured, match=r"requirements-otel\.txt"):
        spans.start("door", "node-1", "http://127.0.0.1:4318/v1/traces", sample=1.0)


@pytest.mark.parametrize(
    "url",
    ["http://otel.chu.example:4318", "https://u:p@otel.chu.example", "otel.chu.example", "ftp://x"],
)
def test_traces_go_nowhere_in_clear(url):
    with pytest.raises(ValidationError):
        Traces(url=url)
    assert Traces(url="http://127.0.0.1:4318/v1/traces").sample == 1.0


def told_of(span):
    return span.name, dict(span.attributes)


def test_a_mail_through_the_rooms(told):
    house = House({OUTSIDE: Disposition.QUARANTINE})
    house.process(INSIDE, OUTSIDE, content=b"Subject: canari\r\n\r\n999")
    held, passed, mail = told()
    assert told_of(held) == ("act", {"order": "quarantine", "recipients": 1})
    assert told_of(passed) == ("act", {"order": "pass", "recipients": 1})
    assert told_of(mail) == ("mail", {"id": "7K2F-0000", "door": "smtp", "size": 22})
    assert {held.parent.span_id, passed.parent.span_id} == {mail.context.span_id}


def test_a_mail_that_we_must_put_off_is_told_by_a_class(told):
    House(fails={Disposition.PASS: Temporary("of zoe@mail.example")}).process(OUTSIDE)
    spans_told = told()
    assert spans_told[0].attributes["error"] == "Temporary"
    assert not any("zoe" in one.to_json() for one in spans_told)


def test_reading_a_mail(told):
    class Wall:
        async def read(self, content, limits, *, seconds):
            return Reading()

    inspector = TimedInspector(Wall(), b"k" * 32, DEFAULT_LIMITS, Metrics())
    asyncio.run(inspector.inspect(b"Subject: canari\r\n\r\nbonjour\r\n", seconds=60))
    (inspect,) = [one for one in told() if one.name == "inspect"]
    assert told_of(inspect) == ("inspect", {"coverage": "whole", "findings": 0})


def test_handing_a_mail_over(told):
    async def run():
        async with NextHop(says={"RCPT TO:<b@": "550 5.1.1 zoe is unknown"}) as hop:
            routes = Routes(Hop("127.0.0.1", hop.port, tls="none"))
            config = Config.least(("ch.example",))
            relay = TracedRelay(routes, hostname="x", destination=destination(config, routes))
            deadline = asyncio.get_running_loop().time() + 60
            to = (Recipient("a@mail.example"), Recipient("b@mail.example"))
            await relay.send(Envelope("s@ch.example", to), [b"x\r\n"], deadline=deadline)
            await relay.close()

    asyncio.run(run())
    (span,) = told()
    assert told_of(span) == (
        "relay",
        {"route": "default", "recipients": 2, "replies": "250 550"},
    )
    assert "example" not in span.to_json()
