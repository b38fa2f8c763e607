"""Every part of the gateway, built from the Config: for `serve` and for the command line.

Rooms take plain arguments; this is the only place that knows both a room and the configuration.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from gateway import logins
from gateway.acquaintance import UNTOLD, Correspondence
from gateway.act.calendar import WorkingDays
from gateway.act.encrypt import Channels
from gateway.act.notice import Notices
from gateway.act.resolve import Resolver
from gateway.act.sign import DkimKey, Signer
from gateway.act.stamp import Sealer, Stamp
from gateway.act.wording import persons
from gateway.canary import Canary
from gateway.certificate import Certificate
from gateway.compartments import Compartment, Compartments
from gateway.config import Config, read_login
from gateway.config_doors import Submission
from gateway.config_signing import resolver_address
from gateway.decide.engine import Judge
from gateway.decide.observation import Observation
from gateway.decide.places import Places, domain_of
from gateway.decide.rules import RuleSet
from gateway.decide.terms import Terms as Waiting
from gateway.detect import search
from gateway.errors import Misconfigured
from gateway.flow import Flow
from gateway.means import certificate_parts, mssante_parts, openpgp_parts
from gateway.means.chains import chains
from gateway.means.portal_boxes import office
from gateway.means.texting import Numbers
from gateway.model import Inspection, Likelihood, Mail, Verdict
from gateway.parcel import Terms
from gateway.parse.message import parse
from gateway.ports import Wall
from gateway.receive.door import Door, DoorSettings
from gateway.rulebook import read_rules
from gateway.sandbox.inspector import DoorInspector
from gateway.store import dkim_keys
from gateway.store.agreed import Agreed
from gateway.store.blobs import Blobs
from gateway.store.database import Database, engine_of
from gateway.store.database_blobs import DatabaseBlobs
from gateway.store.file_blobs import FileBlobs
from gateway.store.held import Held
from gateway.store.keys import (
    DEFAULT,
    SealingKey,
    address_hash,
    address_hashes,
    load_content,
    load_hmac,
)
from gateway.store.rehearsal import Rehearsal
from gateway.store.tickets import ticket

BLOBS = "blobs"
NO_START = "the gateway does not start"
MANY_PERSONS = 100  # the officer is told at once (texts 1.3)


class Rulebook:
    """The rules on disk, and the judges made of them, one of them for a time of observation;
    replaced whole or not at all."""

    def __init__(self, config: Config, channels: Channels | None) -> None:
        self._config = config
        self._places = config.places()
        self._fits = channels.fits if channels else None
        self._space = mssante_parts.space(config)
        self._observation = observation(config)
        self.rules, self._judge, self._observer = self._read(NO_START)

    def wants(self, seen: Inspection) -> bool:
        return self._judge.wants(seen)

    def decide(
        self, mail: Mail, seen: Inspection, known: Correspondence = UNTOLD
    ) -> tuple[Verdict, ...]:
        observed = self._observation.on(mail.received)
        return (self._observer if observed else self._judge).decide(mail, seen, known)

    def reload(self) -> None:
        """Misconfigured, and the old rules stay, if a single one is broken."""
        self.rules, self._judge, self._observer = self._read("the gateway keeps the rules it has")

    def title(self, rule: str) -> str:
        return next((known.title for known in self.rules.rules if known.id == rule), "")

    def terms(self, rule: str) -> Waiting | None:
        return self.rules.terms(rule)

    def grave(self, verdicts: Sequence[Verdict], seen: Inspection) -> bool:
        named = any(self.rules.grave(verdict.rule) for verdict in verdicts)
        return named or persons(seen) >= MANY_PERSONS

    def _read(self, consequence: str) -> tuple[RuleSet, Judge, Judge]:
        rules = _rules(self._config, consequence)
        if unknown := ", ".join(self._observation.unknown(rules)):
            raise Misconfigured(f"monitor.enforce: no rule or family {unknown}: {consequence}")
        return rules, self._judge_by(rules), self._judge_by(self._observation.of(rules))

    def _judge_by(self, rules: RuleSet) -> Judge:
        return Judge(rules, self._places, self._fits, self._space)


def _rules(config: Config, consequence: str) -> RuleSet:
    return read_rules(
        config.rules,
        search.kinds(),
        partners=frozenset(config.partners),
        reviewers=frozenset(config.reviewers),
        consequence=consequence,
    )


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
        try:
            self.rules = _rules(self._config, NO_START)
        except Misconfigured as refusal:
            self.complaint = str(refusal)
        else:
            self.complaint = ""
            self._known = {rule.id: rule.title for rule in self.rules.rules}


def ours(config: Config) -> Callable[[str], bool]:
    places: Places = config.places()
    return places.is_internal


def observation(config: Config) -> Observation:
    told = config.monitor
    return Observation(told.until, told.enforce) if told else Observation()


def channels(config: Config) -> Channels:
    asked = frozenset(config.zip.recipients)
    numbers, boxes = Numbers(config.pdf.numbers), office(config)
    return Channels(
        certificates=certificate_parts.directory(config),
        pdf=config.pdf.enabled,
        ours=ours(config),
        examine=_examine,
        organisation=config.notices.organisation,
        keys=openpgp_parts.keyring(config),
        zips=lambda address: not asked.isdisjoint({address.lower(), f"@{domain_of(address)}"}),
        portal=portal_terms(config),
        space=mssante_parts.space(config),
        chain=config.channels,
        chain_for=chains(config),
        agreed=Agreed(Path(config.keys)),
        texts=lambda address: bool(numbers(address)),
        chosen=boxes.chosen if boxes and config.pdf.chosen else lambda address: None,
        tells=not config.pdf.chosen,
        incidents=config.incidents.address or "",
    )


def portal_terms(config: Config) -> Terms | None:
    """None where there is no portal."""
    told = config.portal
    if told is None:
        return None
    return Terms(
        url=told.url,
        days=told.days,
        site=told.site,
        phone=config.notices.phone,
        rights=told.rights,
        sms=told.sms is not None,
        zone=config.notices.timezone,
    )


def _examine(head: bytes) -> bool:
    """Whether a header that everybody will see holds something found. Names alone are nothing."""
    hits, problems = search.search(parse(head.rstrip(b"\r\n") + b"\r\n\r\n").texts)
    told = any(hit.likelihood >= Likelihood.LIKELY and hit.kind != "person" for hit in hits)
    return told or bool(problems)


def signer(config: Config) -> Signer:
    """The keys of the configuration, and those that `vaguemestre dkim` made, whenever it did."""
    folder = Path(config.keys) / dkim_keys.FOLDER

    def made() -> list[DkimKey]:
        return [
            DkimKey(one.domain, one.selector, one.private.encode(), one.active_from)
            for one in dkim_keys.read(folder)
            if not one.retired
        ]

    named = [
        DkimKey(key.domain, key.selector, _secret(Path(key.key)), key.begins) for key in config.dkim
    ]
    return Signer(named, dkim_keys.Watched(folder, made))


def stamp(config: Config) -> Stamp:
    """What we put in front of mail that we changed: sealed where a resolver is named."""
    arc = config.arc
    if not arc.resolvers:
        return Stamp(signer(config))
    resolver = Resolver([resolver_address(one) for one in arc.resolvers], arc.seconds)
    domain = arc.domain or config.domains[0].removeprefix("*.")
    return Stamp(signer(config), Sealer(resolver, domain, str(config.hostname)))


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


def content_keys(config: Config) -> dict[str, tuple[SealingKey, ...]]:
    """Of each compartment whose contents officers' sign-ins unlock; () where none was made yet."""
    made = load_content(config.keys)
    return {
        name: tuple(key for key in made if key.compartment == name)
        for name, one in config.compartments.items()
        if one.unlock == "sign_in"
    }


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
        secure=mssante_parts.proposals(config),
    )


def tickets(hmac_key: bytes) -> Callable[[Held, Sequence[str]], str]:
    """What opens a hold's page; "" unless its sender is one of these readers: a code that two mails
    bear (40 bits are few) must not open one's page to the other."""

    def of(held: Held, readers: Sequence[str]) -> str:
        hashed = {one for reader in readers for one in address_hashes(hmac_key, reader)}
        if held.sender_hash not in hashed:
            return ""
        return ticket(hmac_key, held.id, held.sender_hash, held.received)

    return of


def urges(config: Config) -> Callable[[str], bool]:
    """Whether a sender may send urgently: not what nobody opens without an officer's sign-in."""
    may = frozenset(config.console.urgent if config.console else ())
    locked, whose = content_keys(config), compartments(config).name_of

    def of(sender: str) -> bool:
        named = not may.isdisjoint({sender.lower(), f"@{domain_of(sender)}"})
        return named and whose(sender) not in locked

    return of


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
        proxies=tuple(door.proxy_protocol),
        xclient=tuple(door.xclient),
        compare=door.compare if isinstance(door, Submission) else "nothing",
        size=door.size or limits.size,
        recipients=door.recipients or limits.recipients,
        connections=door.connections or limits.connections,
        connections_per_client=limits.per_client,
        exempt=tuple(limits.exempt),
        deadline_seconds=config.deadline,
        memory=limits.memory,
        implicit=protocol == "submissions",
        help=f"Aide : {config.notices.phone}" if config.notices.phone else "",
    )


def door(config: Config, protocol: str, flow: Flow, log: structlog.BoundLogger) -> Door:
    def event(what: str, fields: Mapping[str, object]) -> None:
        log.warning(what, **fields)

    section = getattr(config.doors, protocol)
    login = None
    if isinstance(section, Submission):
        login = logins.login(config, section, lambda what: event(what, {"door": protocol}))
    tls = None
    if config.tls is not None:
        tls = Certificate(config.tls.certificate, config.tls.key, event)
    settings = door_settings(config, protocol)
    return Door(settings, flow.process, flow.answered, event=event, login=login, certificate=tls)


def canary(
    config: Config, wall: Wall, database: Database, contents: Blobs, judge: Rulebook
) -> Canary:
    """What each door proves itself by: its own wall and rules, and a store that keeps nothing."""
    key, limits = load_hmac(config.keys), config.limits.of_inspection()
    return Canary(
        DoorInspector(wall, key, limits),
        judge,
        Rehearsal(database, contents),
        f"canari@{config.domains[0].removeprefix('*.')}",
        "lmtp" if config.doors.lmtp and not config.doors.smtp else "smtp",
        config.deadline,
    )


def timezone(config: Config) -> ZoneInfo:
    return ZoneInfo(config.notices.timezone)


def folder_of_blobs(config: Config) -> Path:
    return Path(config.data) / BLOBS


def blobs(config: Config) -> Blobs:
    """Once a process, after its last fork: it may keep connections."""
    told = config.blobs
    if told.s3 is not None:
        from gateway.store.s3_blobs import Bucket, S3Blobs

        login = read_login(told.s3.auth)
        ca = _secret(told.s3.ca) if told.s3.ca else b""
        user, password = login.user, login.password.get_secret_value()
        of = (told.s3.bucket, told.s3.endpoint, told.s3.region, user, password, told.s3.prefix, ca)
        return S3Blobs(Bucket(*of))
    if told.place == "database":
        return DatabaseBlobs(engine_of(config.database))
    return FileBlobs(folder_of_blobs(config))


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
