"""An event of the record as it is told to a SIEM: as CEF, or as a JSON object.

What a kind of event means there (its group, its gravity, its English name) stands in `MEANINGS`;
one that is not in it is told all the same, under its own name. No content, no subject, no reason of
an officer's: ids, times, account names, rules, counts; addresses where the configuration says so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway import __version__

MOST_RECIPIENTS = 20  # of one mail that are named; how many there are is told by `detail`
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """severity: 0 to 10, as CEF counts."""

    group: str
    severity: int
    name: str


@dataclass(frozen=True, slots=True)
class Happening:
    """id: of the event, the same whenever it is sent again. host: of the node that sends it."""

    id: int
    at: float
    kind: str
    host: str
    hold: str = ""
    who: str = ""
    detail: str = ""
    rule: str = ""
    compartment: str = ""
    queue_id: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()

    @property
    def meaning(self) -> Meaning:
        return MEANINGS.get(self.kind) or Meaning("other", 3, self.kind)

    @property
    def slug(self) -> str:
        """ "sign-in failed" -> "sign-in-failed"."""
        return re.sub(r"[^a-z0-9-]+", "-", self.kind.lower()).strip("-")

    @property
    def syslog_severity(self) -> int:
        """informational, notice, warning, error."""
        severity = self.meaning.severity
        return 6 if severity < 4 else 5 if severity < 6 else 4 if severity < 8 else 3


def as_json(what: Happening) -> bytes:
    meaning = what.meaning
    told = {
        "id": what.id,
        "time": datetime.fromtimestamp(what.at, UTC).isoformat(timespec="milliseconds"),
        "host": what.host,
        "event": what.slug,
        "name": meaning.name,
        "group": meaning.group,
        "severity": meaning.severity,
        "hold": what.hold,
        "rule": what.rule,
        "compartment": what.compartment,
        "queue_id": what.queue_id,
        "account": what.who,
        "sender": what.sender,
        "recipients": list(what.recipients[:MOST_RECIPIENTS]),
        "detail": what.detail,
        "version": __version__,
    }
    return json.dumps({name: value for name, value in told.items() if value}).encode("ascii")


def as_cef(what: Happening) -> bytes:
    meaning = what.meaning
    head = ("CEF:0", "Vaguemestre", "vaguemestre", __version__, what.slug, meaning.name)
    custom = {
        "hold": what.hold,
        "rule": what.rule,
        "sender": what.sender,
        "recipients": ",".join(what.recipients[:MOST_RECIPIENTS]),
        "compartment": what.compartment,
        "queueId": what.queue_id,
    }
    fields = {
        "rt": str(round(what.at * 1000)),
        "externalId": str(what.id),
        "dvchost": what.host,
        "cat": meaning.group,
        "act": what.kind,
        "suser": what.who,
        "msg": what.detail,
    }
    for number, (label, value) in enumerate(custom.items(), 1):
        if value:
            fields |= {f"cs{number}Label": label, f"cs{number}": value}
    extension = " ".join(f"{name}={_value(value)}" for name, value in fields.items() if value)
    told = "|".join((*map(_header, head), str(meaning.severity), extension))
    return told.encode("utf-8", "replace")  # a lone surrogate would keep all that follows waiting


def _header(text: str) -> str:
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("=", "\\=")
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    return _CONTROL.sub(" ", escaped)


def _of(group: str, *kinds: tuple[str, int, str]) -> dict[str, Meaning]:
    return {kind: Meaning(group, severity, name) for kind, severity, name in kinds}


MEANINGS = {
    **_of(
        "hold",
        ("held", 5, "Mail held"),
        ("reminded", 3, "Officers reminded of a held mail"),
        ("expired", 5, "Held mail cancelled, nobody decided"),
        ("erased", 2, "Held mail erased"),
        ("purged", 2, "Sweep of what is due to go"),
        ("restored", 6, "Brought back from a backup"),
        ("comment", 2, "Note on a held mail"),
        ("assigned", 2, "Held mail taken on"),
        ("second reader asked", 3, "Second reader asked for"),
        ("qualified", 2, "Observed cases judged"),
        ("weekly", 1, "Weekly figures sent"),
        ("monthly", 1, "Monthly list sent"),
        ("digest", 1, "Digest sent"),
    ),
    **_of(
        "ruling",
        ("release", 5, "Release ordered"),
        ("released", 5, "Held mail sent"),
        ("release failed", 6, "Release failed"),
        ("rejected", 4, "Held mail refused by an officer"),
        ("asked", 3, "Sender asks for a release"),
        ("urgent release", 7, "Sent urgently by its sender"),
        ("urgent release reviewed", 3, "Urgent sending reviewed"),
        ("corrected release", 4, "Sent to a corrected address"),
        ("protected release", 4, "Sent by a protected way"),
        ("confirmed", 4, "Recipient confirmed by its sender"),
        ("delay over", 2, "Delay over, sent"),
        ("unanswered", 4, "Question left unanswered"),
        ("opened by sender", 3, "Opened to officers by its sender"),
        ("exception drafted", 5, "Exception asked for"),
        ("exception added", 7, "Exception to a rule added"),
    ),
    **_of(
        "incident",
        ("incident", 8, "Mail said to have reached somebody else"),
        ("incident qualified", 5, "Incident qualified"),
        ("pair blocked", 7, "Mail to that recipient stopped"),
        ("block lifted", 6, "Mail to that recipient let go again"),
    ),
    **_of(
        "review",
        ("approved", 4, "Sending approved by a second reader"),
        ("review refused", 5, "Sending not approved, left to officers"),
        ("escalated", 5, "Nobody reviewed, left to officers"),
        ("reader agrees", 3, "Second reader agrees"),
        ("reader refuses", 4, "Second reader does not agree"),
        ("reader away", 3, "Second reader is away"),
        ("reader back", 2, "Second reader is back"),
    ),
    **_of("refusal", ("mail refused", 5, "Mail refused")),
    **_of(
        "reading",
        ("previewed", 3, "Held mail looked at, masked"),
        ("revealed", 6, "Held mail read in clear"),
        ("reading asked", 4, "Reading asked for"),
        ("reading granted", 5, "Reading granted"),
    ),
    **_of(
        "portal",
        ("portal opened", 2, "Message read on the portal"),
        ("portal code", 2, "New code of the portal"),
        ("portal locked", 7, "Portal locked, too many wrong codes"),
        ("portal reply", 2, "Reply through the portal"),
        ("portal refused", 5, "Portal: not for me, never read"),
        ("portal refused, read", 8, "Portal: not for me, after reading"),
        ("portal chosen", 3, "Password chosen on the portal"),
        ("portal recall", 4, "Recall from the portal asked for"),
        ("portal recalled", 4, "Recalled from the portal"),
        ("portal recalled, read", 6, "Recalled from the portal, after reading"),
        ("portal unread", 2, "Not read on the portal yet"),
        ("portal expired", 3, "Never read on the portal"),
    ),
    **_of(
        "access",
        ("signed in", 3, "Signed in"),
        ("sign-in failed", 6, "Sign-in failed"),
        ("token made", 6, "API token made"),
        ("token revoked", 4, "API token revoked"),
        ("account added", 6, "Account added"),
        ("account invited", 4, "Account invited"),
        ("account disabled", 5, "Account disabled"),
        ("account enabled", 6, "Account enabled"),
        ("password set", 5, "Password set"),
        ("roles set", 7, "Roles changed"),
        ("second factor set", 5, "Second factor set"),
        ("second factor removed", 7, "Second factor removed"),
        ("passkey added", 5, "Passkey added"),
        ("passkey removed", 5, "Passkey removed"),
        ("vault made", 5, "Officer's vault made"),
        ("vault unlocked", 4, "Officer's vault unlocked"),
        ("vault passphrase set", 5, "Passphrase of a vault changed"),
        ("vault key given", 7, "Content key given"),
        ("vault key taken", 6, "Content key taken back"),
        ("identity bound", 6, "Identity bound to an account"),
        ("identity forgotten", 5, "Identity taken off an account"),
    ),
    **_of(
        "system",
        ("gateway started", 4, "Gateway started"),
        ("rules changed", 7, "Rules changed"),
        ("rules refused", 7, "Broken rules refused, the old ones stay"),
        ("bypass begun", 9, "Gateway bypassed"),
        ("bypass ended", 7, "Bypass ended"),
        ("bypass reminded", 8, "Gateway still bypassed"),
        ("canary failed", 9, "Canary not caught"),
        ("canary caught", 4, "Canary caught again"),
        ("canary alarm", 9, "Officers told of a canary not caught"),
        ("certificates expiring", 4, "Certificates near their end"),
    ),
}
