"""Made-up mail that waits for its sender, a while or a second reader."""

from __future__ import annotations

from gateway.model import Disposition, Mail
from gateway.ports import Doubt, Hold, Wait
from tests.makers.held import NOW, a_hold

HOUR = 3600.0


def a_wait(mail: Mail, **changes: object) -> Wait:
    many = len(mail.envelope.recipients)
    values: dict[str, object] = {
        "kind": Disposition.CONFIRM,
        "due": NOW + 3 * HOUR,
        "unanswered": "cancel",
        "after": (Disposition.PASS,) * many,
        "doubts": (Doubt(),) * many,
    }
    return Wait(**(values | changes))  # type: ignore[arg-type]


def a_waiting_hold(mail: Mail, *, compartment: str = "default", **changes: object) -> Hold:
    return a_hold(mail, wait=a_wait(mail, **changes), compartment=compartment)
