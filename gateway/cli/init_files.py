"""What `vaguemestre init` writes: gateway.yaml, commented, and Postfix's lines. Texts, no I/O.

The lines for Postfix are those of deploy/postfix, which the tests drive a real one with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

# In a clone beside the package; installed, where Debian's packages have such things.
_PLACES = (
    Path(__file__).resolve().parents[2] / "deploy" / "postfix",
    Path("/usr/share/vaguemestre/postfix"),
)
ACCOUNT = "cabinet"  # the practice's one mail account
SYSTEM_USERS = ("vaguemestre", "vaguemestre-officier", "vaguemestre-portail")
BACK = ("127.0.0.1", 10026)  # Postfix's own way back: `after-queue.master.cf`
# Stopped from the first mail on: whole files of persons, health files, a person's data to an
# address that is not quite the right one.
FLOOR = (
    "bulk",
    "formats",
    "health/nir-bulk",
    "health/said-of-many",
    "health/document-of-a-person",
    "recipient/lookalike",
)
CONTAINER_DATA = "/var/lib/vaguemestre"
_PRIVATE = '["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]'


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked, and what follows from it.

    host, port: the next hop. until: of the time of observation; None: rules apply at once.
    practice: no mail server of their own; login: whether the provider wants one.
    containers: the services of docker-compose.yml. users: of the system, one for the doors and one
    for officers.
    """

    domains: tuple[str, ...]
    host: str
    port: int
    officer: str
    data: str
    rules: tuple[str, ...]
    until: date | None
    today: date
    practice: bool = False
    login: bool = False
    containers: bool = False
    users: bool = False

    @property
    def in_postfix(self) -> bool:
        """The next hop is the Postfix that brings the mail."""
        return (self.host, self.port) == BACK


def gateway_yaml(plan: Plan) -> str:
    return "\n".join([*_essentials(plan), *_doors(plan), *_relay(plan), *_rest(plan), ""])


def postfix_lines() -> dict[str, str]:
    """File name -> what to add to Postfix's file of that name. {} where they are not installed."""
    folder = next((one for one in _PLACES if one.is_dir()), None)
    if folder is None:
        return {}
    main = ("common.main.cf", "after-queue.main.cf")
    return {
        "main.cf": "".join((folder / name).read_text("utf-8") for name in main),
        "master.cf": (folder / "after-queue.master.cf").read_text("utf-8"),
    }


def _essentials(plan: Plan) -> Iterator[str]:
    yield f"# Écrit par `vaguemestre init` le {plan.today}, et à vous désormais. Chaque clé :"
    yield "# docs/operateur/configuration.md ; `vaguemestre config check` dit ce qui ne va pas."
    yield f"domains: [{', '.join(plan.domains)}]  # les vôtres ; tout le reste est extérieur"
    yield f'officers: ["{plan.officer}"]  # qui décide de ce qui est retenu'
    yield f"data: {plan.data}  # base, coffre, clés"
    if plan.containers:
        passfile = "/run/vaguemestre/database/pgpass"
        yield f"database: postgresql://vaguemestre@postgres/vaguemestre?passfile={passfile}"
        yield "blobs: database"
    yield "processes: 2  # un par cœur"
    yield f"rules: [{', '.join(plan.rules)}]  # livrées, puis les vôtres (site/)"


def _doors(plan: Plan) -> Iterator[str]:
    if plan.practice:
        yield "tls: {certificate: secrets/mail.pem, key: secrets/mail.key}"
        yield "doors:  # pour les logiciels de messagerie, avec un mot de passe"
        yield '  submission: {listen: "0.0.0.0:587", users: secrets/submission.yaml}  # STARTTLS'
        yield '  submissions: {listen: "0.0.0.0:465", users: secrets/submission.yaml}'
        return
    clients = f", clients: {_PRIVATE}" if plan.containers else ""
    host = _listening(plan)
    yield "doors:"
    yield f'  lmtp: {{listen: "{host}:10024"{clients}}}  # après la file de Postfix'
    yield f'  smtp: {{listen: "{host}:10025"{clients}}}  # pour une application, ou avant la file'


def _relay(plan: Plan) -> Iterator[str]:
    near = plan.in_postfix or plan.containers
    tls = "none" if near else "verified" if plan.practice else "opportunistic"
    mode = ", mode: implicit" if plan.port == 465 else ""
    auth = ", auth: secrets/provider.yaml" if plan.login else ""
    told = "retour dans Postfix" if near else "le serveur suivant"
    yield f"relay:  # {told}"
    yield f"  default: {{host: {_quoted(plan.host)}, port: {plan.port}{mode}, tls: {tls}{auth}}}"


def _rest(plan: Plan) -> Iterator[str]:
    host = _listening(plan)
    more = ", profile: practice" if plan.practice else ""
    if plan.containers:
        more = ', url: "http://127.0.0.1:8025"'  # as docker-compose.yml publishes it
    yield f'metrics: {{listen: "{host}:9825"}}'
    yield f'console: {{listen: "{host}:8025"{more}}}  # un serveur web devant elle porte le TLS'
    if not plan.containers:
        ours = plan.domains[0].removeprefix("*.")
        yield f'# Ajoutez-y url: "https://courriel.{ours}", par où vos agents l\'atteignent : un'
        yield "# expéditeur y répond aux questions ; sans elle, son message attend un officier."
    if plan.users:
        door, officers, portal = SYSTEM_USERS
        yield f"users: {{door: {door}, release: {officers}, portal: {portal}}}"
    if plan.until:
        yield ""
        yield "# Jusqu'à ce jour, seul ce socle retient ; les autres règles comptent, et la console"
        yield "# montre ce qu'elles auraient retenu. Ensuite elles s'appliquent, sans autre geste."
        yield "monitor:"
        yield f"  until: {plan.until}"
        yield f"  enforce: [{', '.join(FLOOR)}]"
    yield ""
    yield "# Ce que la loi demande avant de lire le courrier du personnel, et quand ce fut fait."
    yield "# Tant qu'une date manque, la console l'affiche en rouge : docs/operateur/declarer.md."
    yield "# declared: {dpia: 2026-12-31, works_council: 2026-12-31, staff: 2026-12-31}"


def _listening(plan: Plan) -> str:
    """Nobody but the networks of docker-compose.yml reaches a container."""
    return "0.0.0.0" if plan.containers else "127.0.0.1"  # noqa: S104


def _quoted(host: str) -> str:
    return f'"{host}"' if ":" in host else host
