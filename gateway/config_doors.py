"""The section `doors`: where mail is taken, and of whom."""

from __future__ import annotations

from pydantic import Field, model_validator

from gateway import config_words as words
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused


class Door(Section):
    """clients: who may hand mail over; from a unix socket, anybody who can open it.

    size, recipients, connections: None: as in `limits`.
    """

    listen: words.ListenOn
    clients: tuple[words.Network, ...] = ("127.0.0.0/8", "::1/128")
    size: words.Size | None = None
    recipients: int | None = Field(default=None, ge=1)
    connections: int | None = Field(default=None, ge=1)


class Submission(Door):
    """For mail programs. clients: from anywhere, since they have a password. users: who has one."""

    clients: tuple[words.Network, ...] = ("0.0.0.0/0", "::/0")
    users: words.Beside


class Doors(Section):
    """A door not named is not opened. submissions: TLS from the first octet on (RFC 8314)."""

    smtp: Door | None = None
    lmtp: Door | None = None
    milter: Door | None = None
    submission: Submission | None = None
    submissions: Submission | None = None

    @model_validator(mode="after")
    def _listen_apart(self) -> Doors:
        seen: dict[str, str] = {}
        for name, door in self:
            if door is None or (door.listen.path is None and door.listen.port == 0):
                continue
            other = seen.setdefault(str(door.listen), name)
            if other != name:
                wrong = f"{door.listen} is already that of {other}"
                raise Refused(Refusal(wrong, "give it another port", (name, "listen")))
        return self
