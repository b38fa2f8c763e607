"""One line and a few counts for each mail: enough to answer "where is my mail?", and no more.

Addresses appear as a keyed hash and their domain, "3f2a…@exemple.fr": `vaguemestre trace` and the
search of the quarantine compute the same hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import structlog

from gateway.model import Coverage, Disposition, Inspection, Mail, Receipt, Verdict
from gateway.watch.metrics import Metrics

SHOWN = 16  # hex digits of a hash: enough to tell the addresses of one organisation apart


class Hasher:
    """An address as the log shows it. keyed: its keyed hash in hex, the same as in the store."""

    def __init__(self, keyed: Callable[[str], str]) -> None:
        self._keyed = keyed

    def __call__(self, address: str) -> str:
        if not address:
            return "<>"
        _, at, domain = address.lower().rpartition("@")  # without an "@" all of it is a local part
        shown = domain if at and domain.isascii() and domain.isprintable() else "?"
        return f"{self._keyed(address)[:SHOWN]}@{shown}"


class MailJournal:
    """The journal of a door: log and metrics."""

    def __init__(self, log: structlog.BoundLogger, metrics: Metrics, hashed: Hasher) -> None:
        self._log, self._metrics, self._hashed = log, metrics, hashed
        self._mails = cache(metrics.mails.labels)  # few: doors and dispositions

    def judged(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        receipts: Mapping[str, Receipt],
        seconds: float,
    ) -> None:
        coverage = seen.coverage
        self._count(mail, seen, coverage, receipts, seconds)
        rules = {verdict.recipient: verdict for verdict in verdicts}
        self._log.info(
            "mail",
            id=mail.id,
            door=mail.door,
            queue_id=mail.client.queue_id,
            client=mail.client.address,
            sender=self._hashed(mail.envelope.sender),
            size=len(mail.content),
            coverage=coverage.value,
            findings=_counts((f.kind, f.count) for f in seen.findings),
            problems=_counts((p.kind.value, 1) for p in seen.problems),
            recipients=[self._line(receipt, rules) for receipt in receipts.values()],
            ms=round(seconds * 1000, 1),
        )

    def failed(self, mail: Mail, what: str) -> None:
        self._mails(mail.door, "deferred").inc()
        self._log.error(
            "mail deferred", id=mail.id, door=mail.door, queue_id=mail.client.queue_id, why=what
        )

    def _line(self, receipt: Receipt, rules: Mapping[str, Verdict]) -> dict[str, object]:
        verdict = rules.get(receipt.recipient, Verdict(receipt.recipient, receipt.order))
        line: dict[str, object] = {
            "to": self._hashed(receipt.recipient),
            "order": receipt.order.value,
            "reply": f"{receipt.reply.code} {receipt.reply.enhanced}".strip(),
        }
        if verdict.rule:
            line["rule"] = verdict.rule
        if verdict.monitored:
            line["monitored"] = list(verdict.monitored)
        if receipt.detail:
            line["hop"] = receipt.detail
        return line

    def _count(
        self,
        mail: Mail,
        seen: Inspection,
        coverage: Coverage,
        receipts: Mapping[str, Receipt],
        seconds: float,
    ) -> None:
        deferred = any(r.reply.temporary for r in receipts.values())
        strictest = Disposition.strictest({r.order for r in receipts.values()})
        label = "deferred" if deferred else strictest.value
        self._mails(mail.door, label).inc()
        self._metrics.mail_seconds.observe(seconds)
        for finding in seen.findings:
            self._metrics.findings.labels(finding.kind).inc(finding.count)
        for problem in seen.problems:
            self._metrics.problems.labels(problem.kind.value).inc()
        left = any(r.order is Disposition.PASS and r.reply.accepted for r in receipts.values())
        if left and coverage is not Coverage.WHOLE:
            self._metrics.not_scanned.inc()
        for receipt in receipts.values():
            relayed = receipt.order in (Disposition.PASS, Disposition.ENCRYPT)
            if relayed and not receipt.reply.accepted:
                self._metrics.relay_failures.labels(str(receipt.reply.code)).inc()


def _counts(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for kind, count in pairs:
        counted[kind] = counted.get(kind, 0) + count
    return counted
