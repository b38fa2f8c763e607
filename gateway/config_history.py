"""The section `history`: what is learnt of who writes to whom, and for how long. What it means is
`gateway.ledger`."""

from __future__ import annotations

from pydantic import Field

from gateway import config_words as words


class History(words.Section):
    """half_life, forget, learn: days. protected: mailboxes that leave no trace and of which nothing
    is asked. exempt: senders of whom nothing is asked. seconds: that a verdict may wait for it.
    series: mails that make one."""

    enabled: bool = True
    half_life: float = Field(default=180, ge=7, le=3650)
    forget: int = Field(default=400, ge=30, le=3650)
    learn: int = Field(default=14, ge=0, le=365)
    protected: tuple[words.Senders, ...] = ()
    exempt: tuple[words.Senders, ...] = ()
    seconds: float = Field(default=0.5, gt=0, le=2)
    series: int = Field(default=5, ge=3, le=100)
