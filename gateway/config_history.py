"""The section `history`: what is learnt of who writes to whom, and for how long. What it means is
`gateway.ledger`."""

from __future__ import annotations

from pydantic import Field, ValidationInfo

from gateway import config_words as words
from gateway.config_staff import StaffLdap
from gateway.decide.marked import Refusal, Refused


def counting(history: History, info: ValidationInfo) -> History:
    """Who says how many mails a day a partner gets has them counted."""
    partners = (info.data.get("partners") or {}).values()
    if not history.enabled and any(one.mails_a_day is not None for one in partners):
        wrong = "without a history nobody counts mails_a_day of partners"
        raise Refused(Refusal(wrong, "leave out enabled: false, or mails_a_day", ("enabled",)))
    return history


class History(words.Section):
    """half_life, forget, learn: days. protected: mailboxes that leave no trace and of which nothing
    is asked. exempt: senders of whom nothing is asked. seconds: that a verdict may wait for it.
    series: mails that make one. ldap: where staff stand; None: in files, or learnt."""

    enabled: bool = True
    half_life: float = Field(default=180, ge=7, le=3650)
    forget: int = Field(default=400, ge=30, le=3650)
    learn: int = Field(default=14, ge=0, le=365)
    protected: tuple[words.Senders, ...] = ()
    exempt: tuple[words.Senders, ...] = ()
    seconds: float = Field(default=2, gt=0, le=10)
    series: int = Field(default=5, ge=3, le=100)
    ldap: StaffLdap | None = None
