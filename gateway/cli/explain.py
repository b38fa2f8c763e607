"""`vaguemestre explain`: why, in a person's words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gateway.act.wording import why
from gateway.cli.channels import told
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, config_or_none, fail, show
from gateway.cli.messages import messages
from gateway.cli.verdicts import Bench, Judged
from gateway.detect import table_plausibility
from gateway.model import Coverage, Disposition

BECOMES = {
    Disposition.PASS: "part tel quel",
    Disposition.ENCRYPT: "part chiffré",
    Disposition.DELAY: "part dans quelques minutes, si l'expéditeur ne l'annule pas",
    Disposition.CONFIRM: "attend la réponse de l'expéditeur",
    Disposition.REVIEW: "attend un second lecteur",
    Disposition.QUARANTINE: "est retenu",
    Disposition.REJECT: "est refusé",
}
COVERAGES = {
    Coverage.WHOLE: "entière",
    Coverage.PARTLY: "incomplète",
    Coverage.UNREAD: "impossible pour une partie au moins",
}


def explain(
    file: Annotated[str, typer.Argument(help="A mail (.eml), or - for stdin.")],
    config: ConfigOption = None,
    sender: Annotated[str | None, typer.Option("--from", help="Envelope sender.")] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Envelope recipient; repeat.")
    ] = None,
) -> None:
    """Say what would become of a mail, and why."""
    with clear_errors():
        stopped = asyncio.run(_explain(file, config, sender, to or []))
    raise typer.Exit(STOPPED if stopped else 0)


async def _explain(file: str, config: Path | None, sender: str | None, to: list[str]) -> bool:
    stopped = False
    async with Bench(config_or_none(config), []) as bench:
        for path, content in messages([file], _refuse):
            judged = await bench.judge(path, content, sender, to)
            _tell(judged)
            stopped |= judged.disposition is not Disposition.PASS
    return stopped


def _refuse(path: str, why: str) -> None:
    fail(f"{path}: {why}")


def _tell(judged: Judged) -> None:
    lines = [f"{judged.path} : message de {judged.mail.envelope.sender or 'personne (<>)'}", ""]
    for verdict in judged.verdicts:
        lines.append(f"  {verdict.recipient}")
        lines.append(f"    {BECOMES[verdict.disposition]}{_by(verdict.rule)}")
        lines += [f"      - {reason}" for reason in verdict.reasons]
        if verdict.recipient in judged.choices:
            lines += [f"      {line}" for line in told(judged.choices[verdict.recipient])]
        lines += [f"      (règle {rule} en observation seulement)" for rule in verdict.monitored]
    lines += ["", f"Lecture : {COVERAGES[judged.seen.coverage]}."]
    lines += [f"  - {p.place} : {p.detail or p.kind.value}" for p in judged.seen.problems]
    examined = [f for f in judged.seen.findings if f.kind == table_plausibility.KIND]
    lines += [f"Tableau, {f.place} : {f.masked}." for f in examined]
    if judged.disposition is not Disposition.PASS:
        lines += ["", "Ce que l'expéditeur en saurait :", f"  {why(judged.seen)}"]
    show("\n".join(lines))


def _by(rule: str) -> str:
    return f", par la règle {rule}" if rule else " : aucune règle ne s'applique"
