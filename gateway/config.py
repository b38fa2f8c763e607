"""The configuration: one frozen Config from gateway.yaml, its defaults here and nowhere else.

Unknown keys are refused, with the nearest known one; all complaints come at once. Relative paths
are relative to the file; `$` stands for itself; secrets are named by file, never written here.
Rooms never see a Config: `serve` hands them plain arguments.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SecretStr,
    ValidationInfo,
)

from gateway import config_store
from gateway import config_words as words
from gateway.config_canary import Canary
from gateway.config_channels import DEFAULT_CHAIN, Chain, OpenPgp, Recipients, Zip
from gateway.config_compartments import Compartment, Personal, sound
from gateway.config_declared import Declared
from gateway.config_doors import Doors
from gateway.config_history import History, counting
from gateway.config_incidents import Incidents
from gateway.config_loops import loops
from gateway.config_monitor import Monitor
from gateway.config_mssante import MssanteInShort
from gateway.config_pdf import Pdf
from gateway.config_portal import Portal
from gateway.config_relay import Hop, Relay
from gateway.config_retention import Retention
from gateway.config_reviewers import ReviewerGroup, readable
from gateway.config_siem import Siem
from gateway.config_signing import Arc, Dkim
from gateway.config_smime import Smime
from gateway.config_traces import Traces
from gateway.config_ways import Ldap, Oidc
from gateway.config_words import Section
from gateway.decide.complaint import Complaint
from gateway.decide.marked import MAX_BYTES, Strict, load
from gateway.decide.places import Domains, Partner, Places, domain_of
from gateway.errors import Misconfigured
from gateway.model import DEFAULT_LIMITS, Limits

MB = 1024 * 1024
# In a clone beside the package; where it is installed (the container), with what does not depend
# on the Python in use.
RULES_PLACES = Path(__file__).resolve().parents[1] / "rules", Path("/usr/share/vaguemestre/rules")
SHIPPED_RULES = next((path for path in RULES_PLACES if path.is_dir()), RULES_PLACES[0])


def _section() -> Any:
    return Field(default_factory=dict)


class Notices(Section):
    """What we write ourselves. relay: the internal way, None: relay.default. from: None:
    vaguemestre@ the first of `domains`. digest: hours of the officers' digest."""

    relay: Hop | None = None
    sender: words.MailAddress | None = Field(default=None, alias="from")
    url: str = ""
    phone: str = ""
    urgent: str = ""  # number to call for urgent care, day and night
    address: str = ""
    intranet: str = ""
    organisation: str = ""  # as correspondents know us: on the cover of an encrypted PDF
    per_hour: int = Field(default=20, ge=1)  # to one person; beyond, they are bundled
    digest: tuple[words.Hour, ...] = ("09:00", "14:00")
    weekly: words.Hour | None = "09:00"  # of the week's figures, on Monday
    timezone: words.TimeZone = "Europe/Paris"


class Metrics(Section):
    listen: words.ListenOn = words.Listen("127.0.0.1", 9825)


class Tls(Section):
    """Of the SMTP and LMTP doors (STARTTLS)."""

    certificate: words.File
    key: words.File


class LimitsOfMail(Section):
    """size, recipients: of one mail. connections: at once, per door process; per_client: those of
    one address, unless `exempt`. memory: of mail under way, per door process. The others:
    `gateway.model.Limits`."""

    size: words.Size = 50 * MB
    recipients: int = Field(default=1_000, ge=1, le=50_000)
    connections: int = Field(default=200, ge=1)
    per_client: int = Field(default=100, ge=1)
    exempt: tuple[words.Network, ...] = ()
    memory: words.Size = 512 * MB
    depth: int = Field(default=DEFAULT_LIMITS.depth, ge=1, le=40)
    parts: int = Field(default=DEFAULT_LIMITS.parts, ge=1)
    bytes: words.Size = DEFAULT_LIMITS.bytes
    member: words.Size = DEFAULT_LIMITS.member
    ratio: int = Field(default=DEFAULT_LIMITS.ratio, ge=2)
    text: words.Size = DEFAULT_LIMITS.text
    seconds: float = Field(default=DEFAULT_LIMITS.seconds, gt=0, le=200)
    pictures: float = Field(default=DEFAULT_LIMITS.pictures, ge=0, le=200)
    hits: int = Field(default=DEFAULT_LIMITS.hits, ge=100)

    def of_inspection(self) -> Limits:
        return Limits(
            depth=self.depth,
            parts=self.parts,
            bytes=self.bytes,
            member=self.member,
            ratio=self.ratio,
            text=self.text,
            seconds=self.seconds,
            pictures=self.pictures,
            hits=self.hits,
        )


class Sandbox(Section):
    """user: whom workers become, where the gateway starts as root. workers: at once, per door
    process. memory, cpu: of one worker; cpu in seconds."""

    user: str | None = None
    workers: int = Field(default=2, ge=1, le=64)
    memory: words.Size = 1024 * MB
    cpu: int = Field(default=55, ge=1, le=250)


class Users(Section):
    """System users that processes become, where the gateway starts as root. portal: in no group
    of the others'."""

    door: str | None = None
    release: str | None = None
    portal: str | None = None


class PartnerSection(Section):
    """until: last day of the contract. data: kinds of findings it is about; none: all. persons: the
    most in one mail. mails_a_day: the most of those. channels: ways of an encrypted mail to this
    partner."""

    domains: tuple[words.DomainGlob, ...] = Field(min_length=1)
    until: date | None = None
    data: tuple[str, ...] = ()
    persons: int | None = Field(default=None, ge=1)
    mails_a_day: int | None = Field(default=None, ge=1)
    channels: Chain | None = None


class Console(Section):
    """The officers' pages. url: as browsers reach them, "https://quarantaine.ch-exemple.fr".
    urgent: addresses or "@domain" that may send at once. four_eyes: what two read together.
    profile: "practice": officers may send what they wrote themselves, by a protected way; in clear
    with a reason, which a mail tells once a month."""

    listen: words.ListenOn = words.Listen("127.0.0.1", 8025)
    url: str = ""
    urgent: tuple[words.Whom, ...] = ()
    four_eyes: tuple[words.Family, ...] = ()
    profile: Literal["standard", "practice"] = "standard"
    oidc: Oidc | None = None
    ldap: Ldap | None = None


class Log(Section):
    """file: None: standard error, for journald or a container. format: `gateway.watch.log_form`."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: words.Beside | None = None
    format: Literal["json", "text", "journald"] = "json"


def _in_our_domains(address: str, info: ValidationInfo) -> str:
    """Our own notices go to our own domains only: elsewhere they would tell of our mail."""
    domains = info.data.get("domains")
    if domains is not None and domain_of(address) not in Domains(domains):
        wrong = "an officer outside our domains would never be told"
        raise words.refuse(wrong, f"write an address at {domains[0].removeprefix('*.')}")
    return address


class Config(Section):
    """domains: ours; all else is external. deadline: seconds for one mail, doors included: below
    every mail server's own time-out (Postfix, smtpd_proxy_timeout: 100 s).

    channels: ways of an encrypted mail, the best first; channels_for: those of some recipients.
    certificates: directory of recipients' PEM (S/MIME). hostname: how we call ourselves.
    coverage_header: X-Vaguemestre-Coverage on what passes: how much of it was read.
    identifiers: files that tell what our own numbers look like (gateway/identifiers.py).
    """

    domains: tuple[words.DomainGlob, ...] = Field(min_length=1)
    data: words.Beside = Path("var")
    database: Annotated[str, AfterValidator(config_store.database)] = Field(
        default_factory=lambda seen: f"sqlite:///{seen['data'].absolute()}/vaguemestre.db"
    )
    blobs: config_store.ContentsInShort = _section()
    keys: words.Beside = Field(default_factory=lambda seen: seen["data"].absolute() / "keys")
    hostname: words.Host = Field(default_factory=lambda: platform.node() or "localhost")
    processes: int = Field(default=2, ge=1, le=64)
    doors: Doors = _section()
    relay: Relay | None = None
    rules: tuple[words.Directory, ...] = Field(default=(SHIPPED_RULES,), min_length=1)
    officers: tuple[Annotated[words.MailAddress, AfterValidator(_in_our_domains)], ...] = ()
    notices: Notices = _section()
    metrics: Metrics | None = _section()
    console: Console | None = _section()
    portal: Portal | None = None
    tls: Tls | None = None
    limits: LimitsOfMail = _section()
    deadline: float = Field(default=80, ge=30, le=280)
    sandbox: Sandbox = _section()
    dkim: tuple[Dkim, ...] = ()
    arc: Arc = _section()
    certificates: words.Directory | None = None
    smime: Smime = _section()
    channels: Chain = DEFAULT_CHAIN
    channels_for: dict[Recipients, Chain] = _section()
    openpgp: OpenPgp = _section()
    pdf: Pdf = _section()
    zip: Zip = _section()
    retention: Retention = _section()
    users: Users = _section()
    partners: dict[str, PartnerSection] = _section()
    webmail: tuple[words.DomainGlob, ...] = words.WEBMAIL
    mssante: MssanteInShort = _section()
    coverage_header: bool = False
    identifiers: tuple[words.File, ...] = ()
    log: Log = _section()
    siem: Siem | None = None
    traces: Traces | None = None
    canary: Canary = _section()
    compartments: Annotated[dict[str, Compartment], AfterValidator(sound)] = _section()
    personal: Personal = _section()
    reviewers: Annotated[dict[str, ReviewerGroup], AfterValidator(readable)] = _section()
    history: Annotated[History, AfterValidator(counting)] = _section()
    incidents: Incidents = _section()
    monitor: Monitor | None = None
    declared: Declared = _section()

    @classmethod
    def least(cls, domains: Sequence[str]) -> Config:
        """For `scan` without a file: nothing is opened, nothing is sent."""
        return cls.model_validate({"domains": tuple(domains)}, context={"base": Path.cwd()})

    @property
    def notices_from(self) -> str:
        return self.notices.sender or f"vaguemestre@{self.domains[0].removeprefix('*.')}"

    @property
    def console_url(self) -> str:
        if self.console is None:
            return ""
        return (self.console.url or f"http://{self.console.listen}").rstrip("/")

    def space_routes(self) -> dict[str, Hop]:
        """Routes into the MSSanté space that never go in clear; its domains count as such only
        where one of them leads."""
        routed = self.relay.routes if self.relay else {}
        space = self.mssante.domains
        return {
            name: hop for name, hop in routed.items() if hop.is_sure and _is_within(name, space)
        }

    def places(self) -> Places:
        return Places(
            domains=self.domains,
            webmail=self.webmail,
            mssante=tuple(self.space_routes()),
            partners={
                name: Partner(one.domains, one.until, one.data, one.persons, one.mails_a_day)
                for name, one in self.partners.items()
            },
        )


def _is_within(name: str, globs: Sequence[str]) -> bool:
    """Whether all that `name` stands for is covered."""
    return name in globs or name.removeprefix("*.") in Domains(globs)


class Login(Strict):
    """What an `auth` file holds."""

    user: str = Field(min_length=1)
    password: SecretStr


M = TypeVar("M", bound=BaseModel)


def read_config(path: Path) -> Config:
    """Misconfigured with every complaint, each with its line, column and way out."""
    found = _read(path, Config, hide=False)
    written = found.database if "database" in found.model_fields_set else None
    url = config_store.of_environment(os.environ, path.absolute().parent, written)
    if url is not None:
        found = found.model_copy(update={"database": url})
    config_store.demand_room_for_contents(found.blobs, found.database)
    return found


def read_login(path: Path) -> Login:
    """The file's lines are not quoted: one of them is a password."""
    return _read(path, Login, hide=True)


def _read(path: Path, model: type[M], *, hide: bool) -> M:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise Misconfigured(f"{path}: not UTF-8") from None
    found, complaints = load(str(path), text, model, {"base": path.absolute().parent})
    if found is None:
        raise Misconfigured("\n".join(_told(complaints, hide=hide)))
    return found


def _told(complaints: Sequence[Complaint], *, hide: bool) -> Iterator[str]:
    for complaint in complaints:
        if hide:
            yield f"{complaint.path}:{complaint.line}:{complaint.column}: not a user and a password"
        else:
            yield str(complaint)
    errors = "1 error" if len(complaints) == 1 else f"{len(complaints)} errors"
    yield f"\n{errors}. Nothing was changed."


def demand_startable(config: Config) -> None:
    """What `serve` needs beyond a sound file, and what this version cannot do yet."""
    wrong = []
    doors = config.doors
    if not any(door for _, door in doors):
        wrong.append('doors: none is open; add smtp: {listen: "127.0.0.1:10025"}')
    if config.tls is None and (doors.submission or doors.submissions):
        wrong.append("doors: submission needs tls: {certificate: …, key: …}; passwords go over TLS")
    wrong += loops(doors, config.relay)
    if config.relay is None:
        wrong.append("relay: there is no next hop; add default: {host: 127.0.0.1, port: 2525}")
    if config.openpgp.autocrypt and not config.arc.resolvers:
        wrong.append("openpgp.autocrypt: name arc.resolvers; DKIM proves whose key a mail brings")
    if config.pdf.chosen and (config.portal is None or "portal" not in config.channels):
        wrong.append(
            "pdf.chosen: passwords are chosen on the portal; open it, and name it a channel"
        )
    if wrong:
        raise Misconfigured("\n".join(wrong))
