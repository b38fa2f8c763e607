"""A directory of labelled mails: its manifest.jsonl, read whole before anything is judged.

One JSON object a line: `name` (a file below the directory), `expect` (stop or pass); perhaps
`kinds`, `family`, `medium`, `from`, `to`. Other fields are nobody's business here. What is wrong is
told all at once, with its line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from gateway.cli.messages import with_crlf
from gateway.errors import Misconfigured
from gateway.evaluation import EXPECTED, Case

MANIFEST = "manifest.jsonl"
MAIL = ".eml"
SENDER = "expediteur@organisation.example"  # of a document that comes without a mail
OUTSIDER = "destinataire@exterieur.example"
_TEXTS = ("family", "medium", "from")


def read_manifest(directory: Path) -> list[Case]:
    """Misconfigured with every complaint, a line each."""
    path = directory / MANIFEST
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise Misconfigured(f"{path} : illisible ({error.strerror})") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path} : n'est pas en UTF-8") from None
    cases: list[Case] = []
    complaints: list[str] = []
    first: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        case, wrong = _case(directory, line)
        if case and (before := first.setdefault(case.name, number)) != number:
            wrong.append(f"name : déjà à la ligne {before}")
        complaints += [f"{path}:{number} : {text}" for text in wrong]
        cases += [case] if case else []
    if not cases and not complaints:
        complaints.append(f"{path} : vide ; il faut un objet JSON par ligne")
    if complaints:
        raise Misconfigured("\n".join(complaints))
    return cases


def content(directory: Path, case: Case) -> bytes:
    """The mail with CRLF. A bare document becomes the attachment of a mail that says nothing."""
    data = (directory / case.name).read_bytes()
    if case.name.lower().endswith(MAIL):
        return with_crlf(data)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = SENDER, OUTSIDER, "Document"
    mail.set_content("Bonjour,\n\nvoici le document.\n\nCordialement\n")
    name = "".join(filter(str.isprintable, Path(case.name).name))  # a header holds no line end
    mail.add_attachment(data, "application", "octet-stream", filename=name)
    return mail.as_bytes()


def _case(directory: Path, line: str) -> tuple[Case | None, list[str]]:
    """None where there is no telling which file is meant."""
    try:
        said = json.loads(line)
    except ValueError:
        return None, ["n'est pas du JSON"]
    if not isinstance(said, dict):
        return None, ["n'est pas un objet JSON"]
    name = said.get("name")
    if not isinstance(name, str) or not name:
        return None, ["name : un nom de fichier est attendu"]
    wrong = [*_file(directory, name), *_labels(said)]
    to = said.get("to") or []
    kinds = said.get("kinds") or []
    if wrong:
        return Case(name, ""), wrong
    return (
        Case(
            name=name,
            expect=said["expect"],
            kinds=frozenset(kinds),
            family=said.get("family") or "",
            medium=said.get("medium") or "",
            sender=said.get("from") or "",
            to=(to,) if isinstance(to, str) else tuple(to),
        ),
        [],
    )


def _file(directory: Path, name: str) -> list[str]:
    try:
        path = (directory / name).resolve()
    except (OSError, ValueError):  # a NUL, a link that leads to itself
        return ["name : ce n'est pas un nom de fichier"]
    if not path.is_relative_to(directory.resolve()):
        return ["name : hors du dossier"]
    return [] if path.is_file() else ["name : ce fichier n'existe pas"]


def _labels(said: Mapping[str, object]) -> list[str]:
    wrong = []
    if said.get("expect") not in EXPECTED:
        wrong.append("expect : « stop » ou « pass » est attendu")
    if not _are_texts(said.get("kinds")):
        wrong.append("kinds : une liste de genres est attendue")
    texts = (field for field in _TEXTS if not isinstance(said.get(field) or "", str))
    wrong += [f"{field} : un texte est attendu" for field in texts]
    if not isinstance(said.get("to") or "", str) and not _are_texts(said.get("to")):
        wrong.append("to : une adresse ou une liste d'adresses est attendue")
    return wrong


def _are_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))
