"""What `vaguemestre init` says once it is done: what was written, what to mind, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.cli.init_files import ACCOUNT, Plan

_HOSTED = (
    "Machine louée, serveur d'un hébergeur, nuage : l'hébergeur doit être certifié HDS, car ce qui "
    "est retenu sont des données de santé (Code de la santé publique, article L. 1111-8)."
)


def written(plan: Plan, path: str) -> Iterator[str]:
    yield f"\n{path} est écrit."
    if plan.until:
        yield (
            f"Jusqu'au {plan.until}, seul un socle retient : fichiers de personnes, dossiers de "
            "santé, données vers une adresse ressemblante. Les autres règles comptent sans rien "
            "retenir, puis s'appliquent."
        )


def careful(plan: Plan, keys: str, trouble: str) -> Iterator[str]:
    """trouble: why the next hop was not reached."""
    yield (
        f"Copiez hors de cette machine la moitié privée, {keys}/officer-*.key : sans elle, "
        "personne ne rouvre ce qui est retenu."
    )
    yield _HOSTED
    if plan.practice:
        yield (
            "Le certificat des portes est signé par lui-même : remplacez secrets/mail.pem et "
            "mail.key par un vrai, ou acceptez-le une fois dans chaque logiciel de messagerie."
        )
    if trouble:
        yield f"Attention : {plan.host}:{plan.port} ne répond pas encore ({trouble})."


def following(plan: Plan, path: Path) -> Sequence[str]:
    """Three things to do."""
    account = "vaguemestre users add NOM --role officer --role admin"
    if plan.containers:
        return (
            "le reste démarre de lui-même : docker compose ps",
            f"docker compose exec console {account}",
            "envoyer un message au port 2525 de cette machine",
        )
    if plan.practice:
        way = f"logiciels de messagerie : cette machine, port 465 (TLS) ou 587, compte {ACCOUNT}"
    elif plan.in_postfix:
        way = f"ajouter {path.parent}/postfix/main.cf et master.cf aux fichiers de /etc/postfix"
    else:
        way = "faire arriver le courrier sortant sur 127.0.0.1:10024 (LMTP) ou 10025 (SMTP)"
    start = f"vaguemestre serve --config {path}"
    if plan.users:
        start = "démarrer les services : docs/operateur/installation.md, « Avec systemd »"
    return (
        start,
        f"{account} --config {path}",
        way,
    )
