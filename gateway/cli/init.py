"""`vaguemestre init`: from three questions to a gateway that can be started.

    our domains, the next hop, who decides ─▶ gateway.yaml, keys, Postfix's lines
                               --practice ─▶ … and a certificate and a mail account in their place

For a month rules look on, but for a floor that stops mail from the first day. What is there is not
written over: gateway.yaml and Postfix's lines with --force alone, keys and secrets never.
"""

from __future__ import annotations

import os
import platform
import pwd
import secrets
import socket
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import yaml

from gateway import parts
from gateway.cli import init_certificate, init_files, init_words, keys
from gateway.cli.common import clear_errors, complain, configuration, fail, out
from gateway.cli.init_files import ACCOUNT, BACK, SYSTEM_USERS, Plan, gateway_yaml, postfix_lines
from gateway.config import SHIPPED_RULES, Config, demand_startable
from gateway.config_relay import Hop
from gateway.config_ways import is_loopback
from gateway.config_words import as_domain
from gateway.decide.marked import Refused
from gateway.decide.places import Domains
from gateway.decide.question import PARIS
from gateway.errors import Misconfigured
from gateway.passwords import hashed
from gateway.store.keys import HMAC_FILE

T = TypeVar("T")

OBSERVED_DAYS = 30
CONNECT_SECONDS = 5.0
DOOR_PORTS = (10024, 10025)  # that `init_files` opens
PRACTICE_PORTS = (587, 465)
SECRETS = "secrets"
DATABASE_SECRET = Path("/run/vaguemestre/database")
_DEBIAN = Path("/etc/vaguemestre")


DomainOption = Annotated[list[str] | None, typer.Option("--domain", help="Ours. May be repeated.")]
HopOption = Annotated[
    str | None, typer.Option("--next-hop", metavar="HOST[:PORT]", help="Who takes our mail.")
]
OfficerOption = Annotated[
    str | None, typer.Option("--officer", metavar="ADDRESS", help="Who decides.")
]
PracticeOption = Annotated[
    bool, typer.Option("--practice", help="No mail server of our own: a mail account instead.")
]
UserOption = Annotated[
    str | None, typer.Option("--user", help="With --practice: our login at the next hop.")
]
FolderOption = Annotated[Path, typer.Option("--folder", help="Where everything is written.")]
FileOption = Annotated[
    Path | None, typer.Option("--config", help="By default gateway.yaml in the folder.")
]
ObserveOption = Annotated[
    int, typer.Option("--observe", min=0, max=365, help="Days until all rules apply.")
]
ContainersOption = Annotated[
    bool, typer.Option("--containers", help="For the services of docker-compose.yml.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write gateway.yaml anew.")]


def init(
    domain: DomainOption = None,
    next_hop: HopOption = None,
    officer: OfficerOption = None,
    practice: PracticeOption = False,
    user: UserOption = None,
    folder: FolderOption = Path(),
    config: FileOption = None,
    observe: ObserveOption = OBSERVED_DAYS,
    containers: ContainersOption = False,
    yes: YesOption = False,
    force: ForceOption = False,
) -> None:
    """Three questions, and a gateway to start: gateway.yaml, keys, Postfix's lines."""
    path = (config or folder / "gateway.yaml").absolute()
    with clear_errors():
        if path.exists() and not force:
            fail(f"{path}: there is one already (--force writes it anew)")
        usual = "postfix:10026" if containers else "" if practice else "{}:{}".format(*BACK)
        domains = _asked("Vos domaines", domain, _domains, yes)
        next_one = _hop_but(PRACTICE_PORTS if practice else DOOR_PORTS)
        host, port = _asked("Le serveur qui prend la suite", next_hop, next_one, yes, usual)
        address = _asked("Qui décide (adresse du DPO)", officer, _officer_in(domains), yes)
        login = _login(user, practice, yes)
        today = datetime.now(PARIS).date()
        plan = Plan(
            domains=domains,
            host=host,
            port=port,
            officer=address,
            data=_data(path, containers),
            rules=(str(SHIPPED_RULES), "rules"),
            until=today + timedelta(days=observe) if observe else None,
            today=today,
            practice=practice,
            login=bool(login),
            containers=containers,
            users=os.getuid() == 0 and not containers and all(map(_exists, SYSTEM_USERS)),
        )
        _make(path, plan, login)


def _make(path: Path, plan: Plan, login: dict[str, str]) -> None:
    """gateway.yaml gets its name last: one that is there has been read and has its keys."""
    new = path.with_name(f"{path.name}.new")
    _write(new, plan, login)
    settings = _sound(new)
    if keys.lacking(settings):
        keys.make(settings, apart=plan.containers)
    if plan.containers:
        _part_public(settings)
    new.replace(path)
    _tell(path, plan, settings)


def _asked(
    what: str,
    given: str | Sequence[str] | None,
    read: Callable[[str], T],
    yes: bool,
    usual: str = "",
) -> T:
    """What an option says, or the answer to a question, asked again until it is one."""
    if given or yes:
        try:
            text = given if isinstance(given, str) else " ".join(given or ())
            return read(text.strip() or usual)
        except Misconfigured as wrong:
            fail(f"{what} : {wrong}")
    while True:
        try:
            return read(typer.prompt(what, default=usual or None).strip())
        except Misconfigured as wrong:
            complain(str(wrong))


def _domains(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_domain(one) for one in text.replace(",", " ").split()))
    if not found:
        raise Misconfigured("il en faut un, par exemple ch-exemple.fr")
    return found


def _domain(text: str) -> str:
    try:
        found = as_domain(text.removeprefix("@"))
    except Refused:
        found = ""
    if "." not in found:
        raise Misconfigured(f"{text} n'est pas un domaine ; écrivez par exemple ch-exemple.fr")
    return found


def _hop_but(ours: Collection[int]) -> Callable[[str], tuple[str, int]]:
    def read(text: str) -> tuple[str, int]:
        host, port = _hop(text)
        if is_loopback(host) and port in ours:
            raise Misconfigured(
                f"{port} est une porte de cette passerelle : le courrier tournerait en rond"
            )
        return host, port

    return read


def _hop(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT or [ADDRESS]:PORT. That it answers is looked at later: it may come later."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, port = text, "25"
    try:
        found = Hop.model_validate({"host": host, "port": int(port)})
    except ValueError:
        example = "un serveur, et son port si ce n'est pas 25 : smtp.exemple.fr:465"
        raise Misconfigured(f"écrivez {example}") from None
    return str(found.host), found.port


_QUOTING = '"\\,<>'  # of lists and names: no address of an officer needs them


def _officer_in(domains: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        local, at, domain = text.rpartition("@")
        if not local or not at or any(c.isspace() or c in _QUOTING for c in text):
            raise Misconfigured("écrivez une adresse, seule : dpo@ch-exemple.fr")
        if (ours := _domain(domain)) not in Domains(domains):
            raise Misconfigured(
                f"écrivez une adresse à {domains[0]} : les avis ne sortent pas de vos domaines"
            )
        return f"{local}@{ours}"

    return read


def _login(user: str | None, practice: bool, yes: bool) -> dict[str, str]:
    """At the provider. {} where none is needed."""
    if not practice:
        if user:
            fail("--user goes with --practice")
        return {}
    name = user or ("" if yes else typer.prompt("Identifiant chez lui (vide : aucun)", default=""))
    if not name:
        return {}
    return {"user": name, "password": typer.prompt("Son mot de passe", hide_input=True, err=True)}


def _data(path: Path, containers: bool) -> str:
    if containers:
        return init_files.CONTAINER_DATA
    return "/var/lib/vaguemestre" if path.parent == _DEBIAN else "var"


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _write(path: Path, plan: Plan, login: dict[str, str]) -> None:
    folder = path.parent
    try:
        (folder / "rules" / "site").mkdir(parents=True, exist_ok=True)
        if plan.practice:
            _write_secrets(folder / SECRETS, plan, login)
            if plan.users:
                _give(folder / SECRETS, pwd.getpwnam(SYSTEM_USERS[0]).pw_gid)
        elif plan.in_postfix:
            (folder / "postfix").mkdir(exist_ok=True)
            for name, lines in postfix_lines().items():
                (folder / "postfix" / name).write_text(lines, "utf-8")
        if plan.containers:
            _write_database_password(DATABASE_SECRET)
        path.write_text(gateway_yaml(plan), "utf-8")
    except OSError as error:
        fail(f"{error.filename or folder}: {error.strerror}")


def _write_secrets(folder: Path, plan: Plan, login: dict[str, str]) -> None:
    """A certificate, the practice's account, our login at the provider. What is there stays."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (folder / "mail.pem").exists():
        certificate, key = init_certificate.of_server(platform.node() or "localhost")
        _keep(folder / "mail.key", key)
        _keep(folder / "mail.pem", certificate)
    if not (folder / "submission.yaml").exists():
        password = secrets.token_urlsafe(15)
        senders = [f"@{domain}" for domain in plan.domains]
        account = {"user": ACCOUNT, "password": hashed(password), "senders": senders}
        _keep(folder / "submission.yaml", yaml.safe_dump([account], sort_keys=False).encode())
        out.print(
            f"Compte des logiciels de messagerie, montré une seule fois : {ACCOUNT}  {password}",
            markup=False,
        )
    if login and not (folder / "provider.yaml").exists():
        _keep(folder / "provider.yaml", yaml.safe_dump(login, allow_unicode=True).encode())


def _give(folder: Path, group: int) -> None:
    """To read, to a group's members: those of doors and release."""
    for path in (folder, *folder.iterdir()):
        os.chown(path, -1, group)
        path.chmod(0o750 if path.is_dir() else 0o640)


def _write_database_password(folder: Path) -> None:
    """For PostgreSQL's container, and for libpq, which reads it of a closed file alone."""
    if (folder / "pgpass").exists():
        return
    password = secrets.token_hex(24)
    _keep(folder / "password", password.encode(), 0o444)
    _keep(folder / "pgpass", f"*:*:*:vaguemestre:{password}\n".encode())


def _keep(path: Path, content: bytes, mode: int = 0o600) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


def _part_public(settings: Config) -> None:
    """What doors and portal need of the keys, where their containers see no private half."""
    folder = settings.data / "public"
    folder.mkdir(exist_ok=True)
    for path in (*settings.keys.glob("officer-*.pub"), settings.keys / HMAC_FILE):
        if not (folder / path.name).exists():
            _keep(folder / path.name, path.read_bytes(), path.stat().st_mode & 0o777)


def _sound(path: Path) -> Config:
    """What was written is what `serve` will take."""
    settings = configuration(path)
    demand_startable(settings)
    parts.Rulebook(settings, None)
    return settings


def _tell(path: Path, plan: Plan, settings: Config) -> None:
    """What is written, what to be careful about, and what to do next, in three lines."""
    trouble = "" if plan.containers else _unreachable(plan)
    for line in (
        *init_words.written(plan, str(path)),
        *init_words.careful(plan, str(settings.keys), trouble),
        "\nEnsuite :",
        *(f"  {n}. {line}" for n, line in enumerate(init_words.following(plan, path), 1)),
    ):
        out.print(line, markup=False, soft_wrap=True)


def _unreachable(plan: Plan) -> str:
    """Why the next hop cannot be reached, or ""."""
    try:
        socket.create_connection((plan.host, plan.port), CONNECT_SECONDS).close()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
