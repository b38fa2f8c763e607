"""Prometheus metrics (names fixed by DESIGN §4). Labels are bounded: no address, no subject.

Several processes count; the supervisor serves the sum. prometheus_client keeps each process's
figures in files below PROMETHEUS_MULTIPROC_DIR, which the supervisor sets before it starts anyone;
gauges about the store are computed by the supervisor when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway import __version__

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name for it

_MAIL_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 80)
_ROOM_BUCKETS = (0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)


class Metrics:
    """What one process counts."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        kept = registry or CollectorRegistry()
        self.mails = Counter(
            "vaguemestre_mails_total",
            "Mails answered, by door and strictest disposition (deferred: answered 4yz)",
            ("door", "disposition"),
            registry=kept,
        )
        self.mail_seconds = Histogram(
            "vaguemestre_mail_seconds",
            "From the end of DATA to the reply",
            registry=kept,
            buckets=_MAIL_BUCKETS,
        )
        self.inspection_seconds = Histogram(
            "vaguemestre_inspection_seconds",
            "Reading one mail: all of it (inspection), and what a worker took of it (sandbox)",
            ("room",),
            registry=kept,
            buckets=_ROOM_BUCKETS,
        )
        self.findings = Counter(
            "vaguemestre_findings_total", "Distinct values found, by kind", ("kind",), registry=kept
        )
        self.problems = Counter(
            "vaguemestre_problems_total", "Parts not read whole, by why", ("kind",), registry=kept
        )
        self.not_scanned = Counter(
            "vaguemestre_not_scanned_total",
            "Mails that left although not read whole, because the rules allowed it",
            registry=kept,
        )
        self.relay_failures = Counter(
            "vaguemestre_relay_failures_total",
            "Recipients deferred or refused by a next hop, by reply code",
            ("reply",),
            registry=kept,
        )
        self._canaries, self._history = _canaries(kept), _history(kept)
        self.rules_stale = Gauge(
            "vaguemestre_rules_stale",
            "1 while a broken rule set was refused and older rules are in force",
            registry=kept,
            multiprocess_mode="livemax",
        )

    def canary(self, outcome: str) -> None:
        self._canaries.labels(outcome).inc()

    def history(self, outcome: str) -> None:
        self._history.labels(outcome).inc()


def _canaries(registry: CollectorRegistry) -> Counter:
    return Counter(
        "vaguemestre_canaries_total",
        "Mails of our own by which a door proves that it still sees, by outcome",
        ("outcome",),
        registry=registry,
    )


def _history(registry: CollectorRegistry) -> Counter:
    return Counter(
        "vaguemestre_history_lookups_total",
        "Look-ups of who writes to whom: told, learning (too soon to tell), away (the store is)",
        ("outcome",),
        registry=registry,
    )


def certificates_expiring(registry: CollectorRegistry | None = None) -> Gauge:
    """Of the release process, which alone looks after certificates."""
    return Gauge(
        "vaguemestre_certificates_expiring",
        "Correspondents whose last usable certificate ends soon, and our own signature's",
        registry=registry or CollectorRegistry(),
        multiprocess_mode="livemax",
    )


def openpgp_keys_expiring(registry: CollectorRegistry | None = None) -> Gauge:
    """Of the release process, as that of certificates."""
    return Gauge(
        "vaguemestre_openpgp_keys_expiring",
        "Correspondents whose last usable OpenPGP key of the folder ends soon",
        registry=registry or CollectorRegistry(),
        multiprocess_mode="livemax",
    )


def mssante_list_age(registry: CollectorRegistry | None = None) -> Gauge:
    """Of the release process, which has it anew every day."""
    return Gauge(
        "vaguemestre_mssante_list_age_seconds",
        "Since the white list of MSSanté was last had; +Inf: never",
        registry=registry or CollectorRegistry(),
        multiprocess_mode="livemax",
    )


def parcels(registry: CollectorRegistry | None = None) -> Gauge:
    """Of the release process, which looks at the portal's store every half minute."""
    return Gauge(
        "vaguemestre_parcels",
        "Messages that wait on the portal: unread, read, or locked for wrong codes",
        ("state",),
        registry=registry or CollectorRegistry(),
        multiprocess_mode="livemax",
    )


class Siem:
    """Of the release process, which tells it of the record."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        kept = registry or CollectorRegistry()
        self._sent = Counter(
            "vaguemestre_siem_sent_total",
            "Events of the record that the SIEM's collector took",
            registry=kept,
        )
        self._waiting = Gauge(
            "vaguemestre_siem_waiting",
            "Events of the record that the SIEM was not told of yet",
            registry=kept,
            multiprocess_mode="livemax",
        )

    def sent(self, number: int) -> None:
        self._sent.inc(number)

    def waiting(self, number: int) -> None:
        self._waiting.set(number)


def siem_lost(registry: CollectorRegistry | None = None) -> Counter:
    """Of whatever process notes what nobody waits for."""
    return Counter(
        "vaguemestre_siem_lost_total",
        "Refusals and canaries that never came into the record: the store was away too long",
        registry=registry or CollectorRegistry(),
    )


@dataclass(frozen=True, slots=True)
class HeldNow:
    """What the store says. oldest: seconds since the oldest mail was held, or 0. bypass: seconds
    since mail goes past the gateway, or 0. incidents: all there were, by kind; of those to qualify,
    how many, and seconds since the oldest was said. waiting: mails that wait before they are the
    officers', by kind."""

    messages: int
    oldest: float
    bypass: float = 0.0
    incidents: Mapping[str, int] = field(default_factory=dict)
    incidents_open: int = 0
    incident_oldest: float = 0.0
    waiting: Mapping[str, int] = field(default_factory=dict)


def exposition(
    directory: Path, held: Callable[[], HeldNow | None], canaries_failing: int = 0
) -> bytes:
    """The whole page, for the supervisor. held() is None while the store cannot be read."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(directory))  # type: ignore[no-untyped-call]
    own = CollectorRegistry()
    now = held()
    if now is not None:
        Gauge("vaguemestre_quarantine_messages", "Mails held now", registry=own).set(now.messages)
        Gauge(
            "vaguemestre_quarantine_oldest_seconds",
            "How long the oldest held mail has waited",
            registry=own,
        ).set(now.oldest)
        Gauge(
            "vaguemestre_bypass_seconds",
            "How long mail has gone past the gateway, as declared; 0: it does not",
            registry=own,
        ).set(now.bypass)
        _incidents(now, own)
        _waiting(now, own)
    Gauge(
        "vaguemestre_canary_failing",
        "Doors that did not catch their last canary, or say nothing of it",
        registry=own,
    ).set(canaries_failing)
    Gauge("vaguemestre_build_info", "Version", ("version",), registry=own).labels(__version__).set(
        1
    )
    return generate_latest(registry) + generate_latest(own)


def _incidents(now: HeldNow, registry: CollectorRegistry) -> None:
    said = Counter(
        "vaguemestre_incidents_total",
        "Mails that reached somebody else, by the way in which it was said",
        ("kind",),
        registry=registry,
    )
    for kind, many in now.incidents.items():
        said.labels(kind).inc(many)
    Gauge("vaguemestre_incidents_open", "Incidents to qualify", registry=registry).set(
        now.incidents_open
    )
    Gauge(
        "vaguemestre_incident_oldest_seconds",
        "How long the oldest incident has waited to be qualified",
        registry=registry,
    ).set(now.incident_oldest)


def _waiting(now: HeldNow, registry: CollectorRegistry) -> None:
    gauge = Gauge(
        "vaguemestre_waiting_messages",
        "Mails that wait for their sender, a while or a second reader, and not yet for officers",
        ("kind",),
        registry=registry,
    )
    for kind in ("confirm", "delay", "review"):
        gauge.labels(kind).set(now.waiting.get(kind, 0))


def prepare(directory: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """An empty directory for the figures of a new start, and the environment that points to it."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.db"):
        old.unlink(missing_ok=True)
    return {**environment, DIRECTORY: str(directory)}


def forget(pid: int, directory: Path) -> None:
    """A process ended: its gauges go, its counts stay."""
    mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]
