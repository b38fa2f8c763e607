"""Every part of the gateway, built from the Config: for `serve` and for the command line.

Rooms take plain arguments; this is the only place that knows both a room and the configuration.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from gateway import config as configured
from gateway.act.calendar import WorkingDays
from gateway.act.certificates import Directory
from gateway.act.encrypt import Channels
from gateway.act.notice import Notices
from gateway.act.relay import Hop, Routes
from gateway.act.sign import DkimKey, Signer
from gateway.act.wording import persons
from gateway.compartments import Compartment, Compartments
from gateway.config import Config
from gateway.config_doors import Submission
from gateway.decide.engine import Judge
from gateway.decide.places import Places, domain_of
from gateway.decide.rules import RuleSet
from gateway.detect import search
from gateway.errors import Misconfigured
from gateway.flow import Flow
from gateway.model import Inspection, Likelihood, Mail, Verdict
from gateway.parse.message import parse
from gateway.passwords import fits
from gateway.receive.door import Door, DoorSettings
from gateway.rulebook import read_rules
from gateway.store.holds import Held
from gateway.store.keys import DEFAULT, address_hash
from gateway.store.tickets import ticket
from gateway.submitters import Submitters

BLOBS = "blobs"
MANY_PERSONS = 100  # the officer is told at once (texts 1.3)


class Rulebook:
    """The rules in force, and the judge made of them; replaced whole or not at all."""

    def __init__(self, config: Config, channels: Channels | None) -> None:
        self._directories = config.rules
        self._partners = frozenset(config.partners)
        self._places = config.places()
        self._fits = channels.fits if channels else None
        self.rules, self._judge = self._read("the gateway does not start")

    def decide(self, mail: Mail, seen: Inspection) -> tuple[Verdict, ...]:
        return self._judge.decide(mail, seen)

    def reload(self) -> None:
        """Misconfigured, and the old rules stay, if a single one is broken."""
        self.rules, self._judge = self._read("the gateway keeps the rules it has")

    def title(self, rule: str) -> str:
        return next((known.title for known in self.rules.rules if known.id == rule), "")

    def grave(self, verdicts: Sequence[Verdict], seen: Inspection) -> bool:
        named = any(self.rules.grave(verdict.rule) for verdict in verdicts)
        return named or persons(seen) >= MANY_PERSONS

    def _read(self, consequence: str) -> tuple[RuleSet, Judge]:
        rules = read_rules(
            self._directories, search.kinds(), partners=self._partners, consequence=consequence
        )
        return rules, Judge(rules, self._places, self._fits)


class Titles:
    """What rules are called in letters and pages. A letter names a rule by its id alone where the
    rules on disk are broken: held mail must still be ruled on, sent and cancelled.

    rules: the last that loaded. complaint: why those on disk do not, or "".
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._known: dict[str, str] = {}
        self.rules = RuleSet(())
        self.complaint = ""
        self.reload()

    def __call__(self, rule: str) -> str:
        return self._known.get(rule, "")

    def reload(self) -> None:
        partners = frozenset(self._config.partners)
        try:
            self.rules = read_rules(self._config.rules, search.kinds(), partners=partners)
        except Misconfigured as refusal:
            self.complaint = str(refusal)
        else:
            self.complaint = ""
            self._known = {rule.id: rule.title for rule in self.rules.rules}


def ours(config: Config) -> Callable[[str], bool]:
    places: Places = config.places()
    return places.is_internal


def channels(config: Config) -> Channels:
    return Channels(
        certificates=Directory(config.certificates),
        pdf=config.pdf.enabled,
        ours=ours(config),
        examine=_examine,
        organisation=config.notices.organisation,
    )


def _examine(head: bytes) -> bool:
    """Whether a header that everybody will see holds something found. Names alone are nothing."""
    hits, problems = search.search(parse(head.rstrip(b"\r\n") + b"\r\n\r\n").texts)
    told = any(hit.likelihood >= Likelihood.LIKELY and hit.kind != "person" for hit in hits)
    return told or bool(problems)


def signer(config: Config) -> Signer:
    return Signer(
        [DkimKey(key.domain, key.selector, _secret(Path(key.key))) for key in config.dkim]
    )


def routes(config: Config) -> Routes:
    relay = config.relay
    if relay is None:
        raise Misconfigured("relay: there is no next hop")
    return Routes(
        default=_hop(relay.default),
        by_domain=_most_precise_first(relay.routes),
        sealed=_most_precise_first(relay.sealed),
        notices=_hop(config.notices.relay) if config.notices.relay else None,
    )


def _most_precise_first(hops: dict[str, configured.Hop]) -> tuple[tuple[str, Hop], ...]:
    ordered = sorted(hops.items(), key=lambda item: (item[0].startswith("*"), -len(item[0])))
    return tuple((name, _hop(hop)) for name, hop in ordered)


def _hop(written: configured.Hop) -> Hop:
    auth = None
    if written.auth:
        login = configured.read_login(Path(written.auth))
        auth = (login.user, login.password.get_secret_value())
    return Hop(
        host=str(written.host),
        port=written.port,
        tls=written.tls,
        mode=written.mode,
        protocol=written.protocol,
        auth=auth,
        client_certificate=_named(written.client_certificate),
        ca=_named(written.ca),
    )


def compartments(config: Config) -> Compartments:
    """As written, `default` among them; what its officers are is said there or in `officers`."""
    written = dict(config.compartments)
    several = [
        Compartment(
            name,
            one.senders,
            one.officers,
            (one.deputy,) if one.deputy else (),
            one.content == "nobody",
        )
        for name, one in written.items()
    ]
    if DEFAULT not in written:
        several.append(Compartment(DEFAULT, officers=config.officers))
    return Compartments(tuple(several), config.personal.marks)


def notices(config: Config, title: Callable[[str], str], hmac_key: bytes) -> Notices:
    told = config.notices
    ours_to_show = config.console is not None and config.console.url

    def of(hold: str, sender: str, received: float) -> str:
        return ticket(hmac_key, hold, address_hash(hmac_key, sender), received)

    teams = compartments(config)
    default = teams.named(DEFAULT)
    return Notices(
        ours=ours(config),
        sender=config.notices_from,
        officers=default.officers,
        deputies=default.deputies,
        teams={one.name: (one.officers, one.deputies) for one in teams.several},
        url=config.console_url if ours_to_show else told.url.rstrip("/"),
        phone=told.phone,
        urgent=told.urgent,
        help=told.address,
        intranet=told.intranet,
        calendar=WorkingDays(told.timezone),
        title=title,
        ticket=of,
        urges=urges(config),
    )


def tickets(hmac_key: bytes) -> Callable[[Held, Sequence[str]], str]:
    """What opens a hold's page; "" unless its sender is one of these readers: a code that two mails
    bear (40 bits are few) must not open one's page to the other."""

    def of(held: Held, readers: Sequence[str]) -> str:
        if held.sender_hash not in {address_hash(hmac_key, reader) for reader in readers}:
            return ""
        return ticket(hmac_key, held.id, held.sender_hash, held.received)

    return of


def urges(config: Config) -> Callable[[str], bool]:
    """Whether a sender may send urgently."""
    may = frozenset(config.console.urgent if config.console else ())
    return lambda sender: not may.isdisjoint({sender.lower(), f"@{domain_of(sender)}"})


def deadlines(config: Config) -> Callable[[float], tuple[float, float]]:
    """(reminder, cancellation) of a mail held at that time, in working days."""
    calendar, kept = WorkingDays(config.notices.timezone), config.retention

    def of(now: float) -> tuple[float, float]:
        until = calendar.deadline(now, kept.hold_days)
        return min(calendar.deadline(now, kept.remind_days), until), until

    return of


def door_settings(config: Config, protocol: str) -> DoorSettings:
    door = getattr(config.doors, protocol)
    limits = config.limits
    return DoorSettings(
        protocol=protocol,
        hostname=str(config.hostname),
        clients=tuple(str(network) for network in door.clients),
        size=door.size or limits.size,
        recipients=door.recipients or limits.recipients,
        connections=door.connections or limits.connections,
        deadline_seconds=config.deadline,
        memory=limits.memory,
        tls=_tls(config),
        implicit=protocol == "submissions",
        help=f"Aide : {config.notices.phone}" if config.notices.phone else "",
    )


def door(config: Config, protocol: str, flow: Flow, log: structlog.BoundLogger) -> Door:
    def event(what: str, fields: Mapping[str, object]) -> None:
        log.warning(what, **fields)

    section = getattr(config.doors, protocol)
    login = None
    if isinstance(section, Submission):
        login = Submitters(section.users, fits, lambda what: event(what, {"door": protocol}))
    settings = door_settings(config, protocol)
    return Door(settings, flow.process, flow.answered, event=event, login=login)


def _tls(config: Config) -> ssl.SSLContext | None:
    if config.tls is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(str(config.tls.certificate), str(config.tls.key))
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"tls: certificate and key do not load: {error}") from None
    return context


def timezone(config: Config) -> ZoneInfo:
    return ZoneInfo(config.notices.timezone)


def blobs(config: Config) -> Path:
    return Path(config.data) / BLOBS


def passphrase() -> bytes | None:
    """Of the private key, given by systemd's LoadCredential or a Docker secret; never by value."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder, "officer-passphrase") if folder else None
    return _secret(path).strip() if path and path.exists() else None


def _secret(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from None


def _named(path: Path | None) -> str | None:
    return str(path) if path else None
