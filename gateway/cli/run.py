"""`vaguemestre run`: see it work, on one machine, with nothing else installed.

Starts the gateway on an embedded default (SQLite, files below var/, a Maildir as the internet),
sends a dozen made-up mails through its own SMTP door, shows what became of each, and goes on
serving until Ctrl-C. `make run` is this command.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import email
import json
import signal
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track
from rich.table import Table

from gateway.cli import users
from gateway.cli.common import STOPPED, clear_errors, configuration, fail, out
from gateway.cli.samples import COLLEAGUE, OURS, Sample, samples
from gateway.cli.sink import Internet
from gateway.config import Config, demand_startable

CONFIG = """\
# Written by `make run`; yours to change. It is read again at the next start.
domains: [{ours}]
data: .
processes: 2
doors:
  smtp: {{listen: "127.0.0.1:10025"}}
  lmtp: {{listen: "127.0.0.1:10024"}}
relay:
  default: {{host: 127.0.0.1, port: 10026, tls: none}}
certificates: certificates
officers: [dpo@{ours}]
metrics: {{listen: "127.0.0.1:9825"}}
console: {{listen: "127.0.0.1:8025"}}
notices: {{url: "http://127.0.0.1:8025"}}
log: {{file: gateway.log}}
"""
START_SECONDS = 180  # seconds do on an idle machine; a small and busy one takes a minute and more
FIRST_ACCOUNT = "decideur"
PEER = "dr.test@cabinet.example"


def run(
    once: Annotated[bool, typer.Option("--once", help="End after the table.")] = False,
    folder: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var"),
    config: Annotated[
        Path | None, typer.Option("--config", help="By default one is written into the folder.")
    ] = None,
) -> None:
    """Start the gateway with sample mails, on this machine only."""
    with clear_errors():
        path = _prepare(folder, config)
        settings = configuration(path)
        demand_startable(settings)
        if settings.relay is None or settings.doors.smtp is None or settings.metrics is None:
            fail(f"{path}: the samples need doors.smtp, relay.default and metrics")
        _run(path, folder, settings, once)


def _run(path: Path, folder: Path, config: Config, once: bool) -> None:
    assert config.relay is not None
    assert config.doors.smtp is not None
    hop, door = config.relay.default, config.doors.smtp.listen
    internet = Internet(folder / "internet", str(hop.host), hop.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # or what was started here would stay
    with _or_fail(internet), _gateway(path, config) as process:
        _command(path, "directory", "import", str(_staff(folder)))
        came_back = _send(door.host, door.port)
        out.print(_fates(came_back, internet, config, path))
        _tell(path, config)
        if once:
            out.print("Elle s'arrête ici (--once) : sans cela, ces adresses répondent.")
            return
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()


@contextlib.contextmanager
def _or_fail(internet: Internet) -> Iterator[None]:
    try:
        internet.__enter__()
    except OSError as error:
        fail(f"the stand-in for the internet cannot listen: {error.strerror}; is one running?")
    try:
        yield
    finally:
        internet.__exit__()


@contextlib.contextmanager
def _gateway(path: Path, config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """The gateway in a process of its own, ready to serve."""
    command = [sys.executable, "-m", "gateway.cli.main", "serve", "--config", str(path)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        with out.status("La passerelle démarre…"):
            _wait_until_ready(process, config)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], config: Config) -> None:
    assert config.metrics is not None
    url = f"http://{config.metrics.listen}/readyz"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            fail("the gateway ended at once; its reason stands above", STOPPED)
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.1)
    told = config.log.file or "its log"
    fail(f"the gateway is not ready after {START_SECONDS} seconds; {told} says why", STOPPED)


def _prepare(folder: Path, config: Path | None) -> Path:
    """gateway.yaml and one recipient's certificate, unless they are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "certificates").mkdir(exist_ok=True)
    path = config or folder / "gateway.yaml"
    if config is None and not path.exists():
        path.write_text(CONFIG.format(ours=OURS))
    certificate = folder / "certificates" / f"{PEER}.pem"
    if not certificate.exists():
        certificate.write_bytes(_certificate(PEER))
    return path


def _send(host: str, port: int) -> list[tuple[Sample, str]]:
    """Each sample and the reply it got."""
    everything = list(samples())
    with smtplib.SMTP(host, port) as client:
        what = f"{len(everything)} messages d'exemple…"
        shown = track(everything, what, console=out, transient=True)
        return [(sample, _reply(client, sample)) for sample in shown]


def _reply(client: smtplib.SMTP, sample: Sample) -> str:
    try:
        client.sendmail(f"agent@{OURS}", list(sample.to), sample.content)
    except smtplib.SMTPResponseException as refusal:
        return str(refusal.smtp_code)
    except smtplib.SMTPRecipientsRefused as refusals:
        return str(next(iter(refusals.recipients.values()))[0])
    return "250"


def _fates(
    came_back: list[tuple[Sample, str]], internet: Internet, config: Config, path: Path
) -> Table:
    """What arrived, by Message-ID; what is held, from the officer's own list."""
    arrived = {(_message_id(raw), to): raw for tos, raw in internet.received() for to in tos}
    held = _held(path)
    table = Table("message", "destinataire", "réponse", "ce qu'il en est", box=None)
    for sample, reply in came_back:
        for number, to in enumerate(sample.to):
            raw = arrived.get((_message_id(sample.content), to))
            table.add_row(
                sample.what if number == 0 else "", to, reply, _fate(raw, sample, to, held, reply)
            )
    return table


def _fate(
    raw: bytes | None, sample: Sample, to: str, held: list[tuple[str, str]], reply: str
) -> str:
    if raw is not None and b"pkcs7-mime" in raw.lower():
        return "[cyan]chiffré (S/MIME)[/]"
    if raw is not None and b"application/pdf" in raw and b"Votre demande" not in raw:
        return "[cyan]chiffré (PDF)[/]"
    if raw is not None:
        body = raw.replace(b"\r\n", b"\n").rstrip(b"\n")
        whole = body.endswith(sample.content.replace(b"\r\n", b"\n").rstrip(b"\n"))
        return "[green]passé, octet pour octet[/]" if whole else "[red]passé, modifié[/]"
    for address, awaits in held:
        if address == to:
            held.remove((address, awaits))
            asked = "demandé à l'expéditeur" if awaits == "confirm" else "retenu"
            return f"[yellow]{asked}[/]"
    return f"[red]refusé ({reply})[/]"


def _held(path: Path) -> list[tuple[str, str]]:
    """Recipients, and what their copy awaits if not an officer."""
    lines = map(json.loads, _command(path, "quarantine", "list", "--json").splitlines())
    return [(address, line["awaits"]) for line in lines for address in line["recipients"]]


def _command(path: Path, *words: str) -> bytes:
    """What a command of ours says, given as a person would."""
    command = [sys.executable, "-m", "gateway.cli.main", *words, "--config", str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        fail(f"vaguemestre {' '.join(words[:2])} failed; its reason stands above", STOPPED)
    return done.stdout


def _staff(folder: Path) -> Path:
    """Who works here, as far as the samples need it."""
    file = folder / "annuaire.csv"
    if not file.exists():
        file.write_text(f"{COLLEAGUE}\n")
    return file


def _message_id(raw: bytes) -> str:
    return str(email.message_from_bytes(raw[:65536]).get("Message-ID", "")).strip()


def _tell(path: Path, config: Config) -> None:
    command = ".venv/bin/vaguemestre" if Path(".venv/bin/vaguemestre").exists() else "vaguemestre"
    entry = _entry(path, config)
    out.print(
        f"""
La passerelle écoute : SMTP {_where(config, "smtp")}, LMTP {_where(config, "lmtp")}, \
métriques http://{config.metrics.listen if config.metrics else ""}/metrics
L'internet de rechange est le Maildir {path.parent / "internet"}.

{entry}
Ou en ligne de commande :
  {command} quarantine list --config {path}
  {command} quarantine show ID --config {path}
  {command} quarantine release ID --reason "vérifié" --config {path}
""",
        markup=False,
    )


def _entry(path: Path, config: Config) -> str:
    """The console's address and, until somebody has used it, a link for a first sign-in."""
    if config.console is None:
        return ""
    where = f"Voir et décider de ce qui est retenu : {config.console_url}"
    token = asyncio.run(users.first(config, FIRST_ACCOUNT))
    if not token:
        return f"{where} (compte « {FIRST_ACCOUNT} »)\n"
    return f"{where}\nPremière entrée, une seule fois : {users.link(config, token)}\n"


def _where(config: Config, name: str) -> str:
    door = getattr(config.doors, name)
    return str(door.listen) if door else "fermé"


def _certificate(address: str) -> bytes:
    """Self-signed, for one made-up correspondent; its private key is thrown away."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Docteur Test")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.RFC822Name(address)])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=825))
        .add_extension(alternative, critical=False)
    )
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
