"""The gateway as a relay, side by side with what it must beat, in interleaved rounds of one run.

    python bench/relay.py --seconds 3 --sizes 4096,40960,1048576 --concurrency 1,10,50
    python bench/relay.py --flat 10000                          does memory grow?
    python bench/relay.py --gateway 127.0.0.1:10025 --gateway-pid 123 --sink-port 2525

load (its own process) -> system -> sink (its own process). Every round runs each system once;
figures are medians over the rounds, and ratios are between medians of this run: the machine's speed
drifts, so never compare figures of two runs. The sink must have taken every mail, each once.

What is compared: `direct` (no system: what load and sink can do at most), aiosmtpd + aiosmtplib as
they are (see stock.py), and the gateway with its shipped rules, reading every mail, which the stock
relays do not do.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from processes import PeakMemory, cpu_seconds, resident_bytes

HERE = Path(__file__).parent
ROOT = HERE.parent
START_SECONDS = 60
CONFIG = """\
domains: [ours.example]
hostname: passerelle.ours.example
data: {data}
processes: {processes}
doors:
  smtp: {{listen: "127.0.0.1:{port}", clients: ["127.0.0.0/8"]}}
relay:
  default: {{host: 127.0.0.1, port: {up}, tls: none}}
rules: ["{rules}"]
officers: [dpo@ours.example]
metrics: {{listen: "127.0.0.1:{metrics}"}}
"""


@dataclass
class System:
    """roots: processes whose tree is measured; none for `direct`."""

    name: str
    host: str
    port: int
    roots: list[int] = field(default_factory=list)


@dataclass
class Measure:
    system: str
    size: int
    connections: int
    round: int
    mails_s: float
    mb_s: float
    p50_ms: float
    p99_ms: float
    cpu_s_1000: float
    peak_mb: float
    lost: int


class Sink:
    def __init__(self, port: int) -> None:
        command = [sys.executable, str(HERE / "sink.py"), str(port)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline().split()[1])

    def taken(self) -> dict[str, int]:
        """Mails, octets and distinct Message-IDs since the last time."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def load(system: System, tag: str, *arguments: str) -> dict[str, float]:
    command = [sys.executable, str(HERE / "load.py"), str(system.port), "--host", system.host]
    done = subprocess.run(
        [*command, "--tag", tag, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def measure(system: System, sink: Sink, size: int, connections: int, n: int, s: float) -> Measure:
    tag = f"{system.name}.{size}.{connections}.{n}"
    arguments = ("--size", str(size), "--connections", str(connections), "--seconds", str(s))
    before = cpu_seconds(system.roots)
    with PeakMemory(system.roots) as memory:
        run = load(system, tag, *arguments)
    cpu = cpu_seconds(system.roots) - before
    taken = sink.taken()
    if run["refusals"]:
        print(tag, *run["refusals"], file=sys.stderr)
    sent, seconds = run["sent"] or 1, run["seconds"] or 1
    return Measure(
        system.name,
        size,
        connections,
        n,
        mails_s=run["sent"] / seconds,
        mb_s=run["octets"] / seconds / 1e6,
        p50_ms=run["p50_ms"],
        p99_ms=run["p99_ms"],
        cpu_s_1000=cpu / sent * 1000,
        peak_mb=memory.peak / 1e6,
        lost=abs(taken["mails"] - run["sent"]) + abs(taken["ids"] - run["sent"]) + run["failed"],
    )


# systems


@contextlib.contextmanager
def process(command: list[str], **settings: object) -> Iterator[subprocess.Popen[str]]:
    """Started in a group of its own, which ends with it."""
    started = subprocess.Popen(command, text=True, start_new_session=True, **settings)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


@contextlib.contextmanager
def stock(kind: str, up: int) -> Iterator[System]:
    command = [sys.executable, str(HERE / "stock.py"), kind, "--up", str(up)]
    with process(command, stdout=subprocess.PIPE) as started:
        port = int(started.stdout.readline().split()[1])
        yield System(f"stock-{kind}", "127.0.0.1", port, [started.pid])


@contextlib.contextmanager
def gateway(up: int, processes: int) -> Iterator[System]:
    """The gateway on its shipped rules, everything of its own in a temporary directory."""
    directory = Path(tempfile.mkdtemp(prefix="vaguemestre-bench-"))
    port, metrics = free_port(), free_port()
    config = directory / "gateway.yaml"
    config.write_text(
        CONFIG.format(
            data=directory / "var",
            processes=processes,
            port=port,
            up=up,
            rules=ROOT / "rules",
            metrics=metrics,
        )
    )
    command = [sys.executable, "-m", "gateway.cli.main", "serve", "--config", str(config)]
    log = directory / "log"
    try:
        with log.open("w") as out, process(command, stdout=out, stderr=out, cwd=ROOT) as started:
            wait_ready(f"http://127.0.0.1:{metrics}/readyz", started, log)
            yield System("gateway", "127.0.0.1", port, [started.pid])
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def wait_ready(url: str, started: subprocess.Popen[str], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and started.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    sys.exit(f"the gateway did not become ready:\n{log.read_text()[-3000:]}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def systems(options: argparse.Namespace, sink: Sink, stack: contextlib.ExitStack) -> list[System]:
    found = []
    for name in options.systems:
        if name == "direct":
            found.append(System("direct", "127.0.0.1", sink.port))
        elif name.startswith("stock-"):
            found.append(stack.enter_context(stock(name.removeprefix("stock-"), sink.port)))
        elif options.gateway:
            host, _, port = options.gateway.rpartition(":")
            found.append(System("gateway", host, int(port), options.gateway_pid))
        else:
            found.append(stack.enter_context(gateway(sink.port, options.processes)))
    return found


# reports


def table(measures: list[Measure], base: str) -> str:
    """Medians over the rounds. The ratios compare with `base`: more mails, less CPU."""
    head = f"{'octets':>8} {'conn.':>5}  {'system':<13} {'mails/s':>9} {'MB/s':>7} {'p50 ms':>8} "
    head += (
        f"{'p99 ms':>8} {'CPU s/1000':>10} {'peak MB':>8} {'x mails':>8} {'x CPU':>7} {'lost':>5}"
    )
    lines = [head]
    for (size, connections), group in grouped(measures, "size", "connections"):
        rows = {name: list(runs) for (name,), runs in grouped(group, "system")}
        for name, runs in rows.items():
            middle = {key: median(runs, key) for key in ("mails_s", "mb_s", "p50_ms", "p99_ms")}
            cpu, peak = median(runs, "cpu_s_1000"), max(run.peak_mb for run in runs)
            more = less = float("nan")
            if base in rows:
                more = middle["mails_s"] / (median(rows[base], "mails_s") or float("nan"))
                less = median(rows[base], "cpu_s_1000") / (cpu or float("nan"))
            lines.append(
                f"{size:>8} {connections:>5}  {name:<13} {middle['mails_s']:>9.0f} "
                f"{middle['mb_s']:>7.1f} {middle['p50_ms']:>8.2f} {middle['p99_ms']:>8.2f} "
                f"{cpu:>10.2f} {peak:>8.0f} {more:>8.2f} {less:>7.2f} "
                f"{sum(run.lost for run in runs):>5}"
            )
    return "\n".join([*lines, f"x mails, x CPU: how many times better than {base}"])


def grouped(measures: list[Measure], *keys: str) -> list[tuple[tuple, list[Measure]]]:
    groups: dict[tuple, list[Measure]] = {}
    for one in measures:
        groups.setdefault(tuple(getattr(one, key) for key in keys), []).append(one)
    return list(groups.items())


def median(runs: list[Measure], key: str) -> float:
    return statistics.median(getattr(run, key) for run in runs)


def compare(options: argparse.Namespace, sink: Sink, found: list[System]) -> int:
    for system in found:  # warm: connections, caches, the first sandbox workers
        load(system, f"warm.{system.name}", "--count", "50", "--size", str(options.sizes[0]))
        sink.taken()
    measures = []
    for size, connections in itertools.product(options.sizes, options.concurrency):
        for number in range(options.rounds):
            for system in found:
                one = measure(system, sink, size, connections, number, options.seconds)
                measures.append(one)
                print(json.dumps(asdict(one)), file=sys.stderr)
    print(table(measures, options.base))
    if options.json:
        options.json.write_text("".join(json.dumps(asdict(one)) + "\n" for one in measures))
    return 1 if any(one.lost for one in measures) else 0


def flat(options: argparse.Namespace, sink: Sink, found: list[System]) -> int:
    """Send many mails in twenty steps, and look at memory after each."""
    lost = 0
    step = max(1, options.flat // 20)
    arguments = ("--count", str(step), "--size", str(options.sizes[0]))
    for system in found:
        sizes = []
        for number in range(20):
            connections = str(options.concurrency[0])
            run = load(system, f"flat.{number}", *arguments, "--connections", connections)
            lost += abs(sink.taken()["ids"] - run["sent"]) + run["failed"] + step - run["sent"]
            sizes.append(resident_bytes(system.roots) / 1e6)
            print(f"{system.name:<13} {(number + 1) * step:>8} mails {sizes[-1]:>8.1f} MB")
        growth = statistics.mean(sizes[-5:]) - statistics.mean(sizes[5:10])
        print(f"{system.name:<13} from the second quarter to the last: {growth:+.1f} MB")
    return 1 if lost else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    numbers = {"type": lambda text: [int(one) for one in text.split(",")]}
    add("--seconds", type=float, default=3, help="of each run")
    add("--rounds", type=int, default=3)
    add("--sizes", **numbers, default=[4096, 40960, 1048576], help="octets, separated by commas")
    add("--concurrency", **numbers, default=[1, 10, 50], help="connections, separated by commas")
    names = ["direct", "stock-fresh", "stock-cached", "gateway"]
    add("--systems", type=lambda text: text.split(","), default=names, help=",".join(names))
    add("--base", default="stock-cached", help="the system that ratios compare with")
    add("--processes", type=int, default=2, help="door processes of the gateway")
    add("--gateway", metavar="HOST:PORT", help="a gateway that runs already")
    add("--gateway-pid", type=int, action="append", default=[], help="and whose tree to measure")
    add("--sink-port", type=int, default=0, help="where such a gateway sends to")
    add("--flat", type=int, metavar="N", help="send N mails and watch memory instead")
    add("--json", type=Path, metavar="FILE", help="every single run, one JSON object a line")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    if options.flat:
        options.systems = ["gateway"] if "gateway" in options.systems else options.systems
    sink = Sink(options.sink_port)
    with contextlib.ExitStack() as stack:
        stack.callback(sink.process.wait)
        stack.callback(sink.process.stdin.close)
        found = systems(options, sink, stack)
        return (flat if options.flat else compare)(options, sink, found)


if __name__ == "__main__":
    sys.exit(main())
