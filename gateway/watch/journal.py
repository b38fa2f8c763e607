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

    def __init__(
        self,
        log: structlog.BoundLogger,
        metrics: Metrics,
        hashed: Hasher,
        tally: Callable[[str, str, str], None] = lambda what, by, name: None,
        let_out: Callable[[Mail, Sequence[Verdict], Inspection], None] = lambda mail, v, seen: None,
        named: Callable[[bytes], str] = lambda content: "",
    ) -> None:
        """tally: of the figures that outlive the process, `store.figures.Tally`. let_out: of what
        rules in monitor mode would have stopped, `store.monitored.LetOut`. named: keyed hash of a
        mail's Message-ID, in hex."""
        self._log, self._metrics, self._hashed, self._named = log, metrics, hashed, named
        self._tally, self._let_out = tally, let_out
        # Few: doors and dispositions, and the kinds there are.
        self._mails = cache(metrics.mails.labels)
        self._findings = cache(metrics.findings.labels)

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
        for rule in {rule for verdict in verdicts for rule in verdict.monitored}:
            self._tally("monitored", "rule", rule)
        self._let_out(mail, verdicts, seen)
        by_recipient = {verdict.recipient: verdict for verdict in verdicts}
        self._log.info(
            "mail",
            id=mail.id,
            door=mail.door,
            queue_id=mail.client.queue_id,
            message=self._named(mail.content)[:SHOWN],
            client=mail.client.address,
            sender=self._hashed(mail.envelope.sender),
            size=len(mail.content),
            coverage=coverage,
            findings=_counts([(f.kind, f.count) for f in seen.findings]),
            problems=_counts([(p.kind, 1) for p in seen.problems]),
            recipients=[self._line(r, by_recipient.get(r.recipient)) for r in receipts.values()],
            ms=round(seconds * 1000, 1),
        )

    def failed(self, mail: Mail, what: str) -> None:
        self._mails(mail.door, "deferred").inc()
        self._tally("deferred", "", "")
        self._log.error(
            "mail deferred",
            id=mail.id,
            door=mail.door,
            queue_id=mail.client.queue_id,
            message=self._named(mail.content)[:SHOWN],
            why=what,
        )

    def _line(self, receipt: Receipt, verdict: Verdict | None) -> dict[str, object]:
        line: dict[str, object] = {
            "to": self._hashed(receipt.recipient),
            "order": receipt.order,
            "reply": f"{receipt.reply.code} {receipt.reply.enhanced}".strip(),
        }
        if verdict and verdict.rule:
            line["rule"] = verdict.rule
        if verdict and verdict.monitored:
            line["monitored"] = list(verdict.monitored)
        if receipt.channel:
            line["channel"] = receipt.channel
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
        label, left = Disposition.strictest([r.order for r in receipts.values()]).value, False
        for receipt in receipts.values():
            relayed = receipt.order in (Disposition.PASS, Disposition.ENCRYPT)
            if receipt.reply.accepted:
                left = left or receipt.order is Disposition.PASS
            elif relayed:
                self._metrics.relay_failures.labels(str(receipt.reply.code)).inc()
            if receipt.reply.temporary:
                label = "deferred"
        self._mails(mail.door, label).inc()
        self._tally(label, "", "")
        self._metrics.mail_seconds.observe(seconds)
        for finding in seen.findings:
            self._findings(finding.kind).inc(finding.count)
        for problem in seen.problems:
            self._metrics.problems.labels(problem.kind.value).inc()
        for kind in {problem.kind.value for problem in seen.problems}:
            self._tally("problem", "kind", kind)
        if left and coverage is not Coverage.WHOLE:
            self._metrics.not_scanned.inc()
            self._tally("unread", "", "")


def _counts(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for kind, count in pairs:
        counted[kind] = counted.get(kind, 0) + count
    return counted
