"""The section `doors`: where mail is taken, and of whom."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from gateway import config_words as words
from gateway.config_ways import LdapServer
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused


class Door(Section):
    """clients: who may hand mail over; from a unix socket, anybody who can open it.

    proxy_protocol: load balancers, whose every connection begins with a PROXY header; on a unix
    socket, where there are any, all do. xclient: who may say, by XCLIENT, for whom it speaks.
    size, recipients, connections: None: as in `limits`.
    """

    listen: words.ListenOn
    clients: tuple[words.Network, ...] = ("127.0.0.0/8", "::1/128")
    proxy_protocol: tuple[words.Network, ...] = ()
    xclient: tuple[words.Network, ...] = ()
    size: words.Size | None = None
    recipients: int | None = Field(default=None, ge=1)
    connections: int | None = Field(default=None, ge=1)


class Submission(Door):
    """For mail programs. clients: from anywhere, since they have a password.

    passwords: who judges them: the file `users`, a directory, or the next hop (`relay.default`).
    users: who sends in whose name; beside the other two, for those whom it names.
    compare: what must be one of the user's own addresses: the envelope's sender, the From field as
    well, or nothing.
    """

    clients: tuple[words.Network, ...] = ("0.0.0.0/0", "::/0")
    passwords: Literal["users", "ldap", "relay"] = "users"
    users: words.Beside | None = None
    ldap: LdapServer | None = None
    compare: Literal["envelope", "from", "nothing"] = "envelope"

    @model_validator(mode="after")
    def _somebody_judges(self) -> Submission:
        refusals = []
        if self.passwords == "users" and self.users is None:
            wrong = "nobody has a password"
            refusals.append(Refusal(wrong, "add users: secrets/submitters.yaml"))
        if (self.passwords == "ldap") != (self.ldap is not None):
            wrong = "a directory goes with passwords: ldap"
            refusals.append(Refusal(wrong, "write both or neither", ("passwords",)))
        if refusals:
            raise Refused(*refusals)
        return self


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
