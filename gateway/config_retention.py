"""The section `retention`: how long each class of what is kept stays. What erases it is
`gateway.retain`; what each is kept for, `docs/operateur/conservation.md`."""

from __future__ import annotations

from pydantic import Field, model_validator

from gateway.config_words import Section, refuse


class Retention(Section):
    """hold_days: working days before a held mail is cancelled. remind_days: working days before the
    officer is reminded. decided_days: that a decided mail can still be looked up. sent_days,
    failed_days: letters. sign_in_days: who entered, who tried. events_days: all the record.

    The lower bounds of the last ones: the database itself refuses to erase younger events."""

    hold_days: int = Field(default=3, ge=1, le=30)
    remind_days: int = Field(default=1, ge=1, le=30)
    decided_days: int = Field(default=7, ge=0, le=30)
    sent_days: int = Field(default=7, ge=1, le=30)
    failed_days: int = Field(default=30, ge=1, le=90)
    monitored_days: int = Field(default=30, ge=1, le=90)
    sign_in_days: int = Field(default=365, ge=180, le=1096)
    events_days: int = Field(default=1096, ge=365, le=3653)
    incidents_days: int = Field(default=1826, ge=365, le=3653)
    figures_days: int = Field(default=400, ge=31, le=1096)

    @model_validator(mode="after")
    def _sign_ins_are_events(self) -> Retention:
        if self.sign_in_days > self.events_days:
            wrong = "sign_in_days: sign-ins are events, and go with them"
            raise refuse(wrong, "write no more than events_days")
        return self
