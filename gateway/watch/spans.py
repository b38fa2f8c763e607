"""Traces to an OpenTelemetry collector (OTLP, HTTP), where requirements-otel.txt is installed and
the configuration asks: how long each mail was at the door, read, acted on and handed over.

Off, a span is one comparison, and nothing of OpenTelemetry is imported. What a span says passes the
same sieve as a line of the log; an exception is told by its class alone, since its text may quote
a mail. Where the collector is away, spans are lost and mail is not, as are a process's last ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from gateway.errors import Misconfigured
from gateway.watch.log import plain

Say = Callable[..., None]
"""Adds what is known at the end: say(disposition="pass")."""

SECONDS = 5.0  # for a batch

_tracer: Any = None
_nobody: AbstractContextManager[Say] = nullcontext(lambda **said: None)


def span(name: str, **said: object) -> AbstractContextManager[Say]:
    return _nobody if _tracer is None else _recorded(name, said)


def start(process: str, host: str, url: str, *, sample: float, ca: str | None = None) -> None:
    """After the last fork: spans leave by a thread. Misconfigured without the extra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        remedy = "pip install --require-hashes -r requirements-otel.txt"
        raise Misconfigured(f"traces: OpenTelemetry is not installed; {remedy}") from None
    exporter = OTLPSpanExporter(endpoint=url, certificate_file=ca, timeout=SECONDS)
    begin(process, host, BatchSpanProcessor(exporter), sample=sample)


def begin(process: str, host: str, processor: Any, *, sample: float = 1.0) -> None:
    """processor: of finished spans."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    global _tracer
    told = {"service.name": "vaguemestre", "service.instance.id": host, "process.role": process}
    provider = TracerProvider(
        resource=Resource(told),
        sampler=ParentBased(TraceIdRatioBased(sample)),
        shutdown_on_exit=False,  # it would wait for a collector that is away
    )
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("vaguemestre")


def end() -> None:
    """No more of them."""
    global _tracer
    _tracer = None


@contextmanager
def _recorded(name: str, said: dict[str, object]) -> Iterator[Say]:
    from opentelemetry.trace import StatusCode

    with _tracer.start_as_current_span(
        name, record_exception=False, set_status_on_exception=False
    ) as current:

        def say(**more: object) -> None:
            current.set_attributes({key: _attribute(value) for key, value in more.items()})

        say(**said)
        try:
            yield say
        except BaseException as error:
            say(error=type(error).__name__)
            current.set_status(StatusCode.ERROR)
            raise


def _attribute(value: object) -> bool | int | float | str:
    clean = plain(value)
    return clean if isinstance(clean, bool | int | float | str) else "?"
