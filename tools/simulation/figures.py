"""What the simulation assumes: each figure with where it comes from.

"performance" is docs/performance.md, "measured" is `--measure` (docs/capacity.md tells where and
when). What is called an assumption was measured by nobody here: change it by `--set NAME=VALUE`.
Times are in milliseconds unless the name says otherwise, sizes in kilobytes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """share: of the mails. size_kb, spread: log-normal, median and sigma. walled: opened by a
    worker. read_ms: processor time there, of a median one, beyond what the door spends on any."""

    name: str
    share: float
    size_kb: float
    spread: float
    walled: bool
    read_ms: float


# Shares: assumptions, of an office's outgoing mail. Sizes: the 4 KB, 40 KB and 1 MB of the bench.
# read_ms: performance, "Reading" (PDF, DOCX, XLSX; 1 MB that is no document; a letter is within
# door_ms) and "By format" (a scan at 200 dpi: 638 ms a page, two pages).
KINDS = (
    Kind("letter", 0.70, 4, 1.0, False, 0.0),
    Kind("pdf", 0.15, 40, 1.0, True, 8.7),
    Kind("docx", 0.06, 40, 1.0, True, 64.0),
    Kind("xlsx", 0.04, 40, 1.0, True, 18.0),
    Kind("other", 0.04, 1024, 0.8, True, 11.0),
    Kind("scan", 0.01, 300, 0.8, True, 1276.0),
)

# The hours of a working day, mails of each: an assumption (offices, two peaks, little at night).
HOURS = (3, 2, 2, 2, 3, 6, 15, 45, 95, 120, 118, 100, 55, 75, 105, 108, 92, 62, 30, 16, 12, 9, 7, 5)


@dataclass(frozen=True, slots=True)
class Figures:
    # Door and next hop, performance, "Relay": stock's 1.35 ms at 4 KB / 0.87, the latest ratio.
    door_ms: float = 1.55
    door_ms_kb: float = 0.07  # the same table: (74 - 3.2) ms over 984 KB
    worker_ms: float = 20.0  # performance, "The wall": fork, jail, rehearsal
    content_spread: float = 0.6  # sigma of how much there is to read in a document: an assumption
    slice_ms: float = 5.0  # that a core gives to one process while others wait: an assumption
    hop_ms: float = 40.0  # the next hop, from MAIL to its 250, median: an assumption
    hop_spread: float = 0.7
    link_kb_s: float = 12_500.0  # what a client sends: 100 Mbit/s, an assumption

    # What becomes of mails: assumptions, of an organisation that handles health.
    held: float = 0.005
    encrypted: float = 0.01
    rejected: float = 0.0005
    in_series: float = 0.10  # mails that come as one of a series from one application
    series: int = 500  # mails of a series (issue 9), which come within:
    series_seconds: float = 300.0

    # Limits: gateway/sandbox/wall.py, gateway/config.py.
    workers: int = 2  # sandbox.workers, per door process
    waiting_per_worker: int = 64  # wall.py, _WAITING_PER_WORKER
    patience_seconds: float = 40.0  # wall.py, `read`: half of the deadline of 80 s
    connections: int = 200  # limits.connections, per door process
    retry_seconds: float = 300.0  # Postfix, minimal_backoff_time; doubled at each try
    longest_retry_seconds: float = 4000.0  # Postfix, maximal_backoff_time

    # The store. A hold: seal, blob (two fsyncs), then one transaction, then the memory forgotten.
    seal_ms: float = 2.3  # measured: processor time of a hold of 4 KB but for its transaction
    sql_ms: float = 3.4  # measured: processor time of a hold's transaction
    other_sql_ms: float = 1.2  # measured: a small transaction, and so any other
    fsync_ms: float = 4.0  # measured, the slowest of three runs: median, on a busy disk
    fsync_spread: float = 1.0  # measured
    trips_ms: float = 5.0  # a work's ten statements over the network to PostgreSQL: an assumption
    recall_ms: float = 0.1  # PostgreSQL, one look-up a mail, on the server: an assumption
    group: int = 128  # gateway/store/writer.py, GROUP
    database_cores: int = 16  # of the PostgreSQL server
    encrypt_works: int = 2  # transactions of a mail encrypted: park a letter, post it

    # The way back: gateway/release.py.
    released: float = 0.6  # of held mails, ruled to go: an assumption. Rulings come as holds do.
    poll_seconds: float = 1.0  # POLL_SECONDS
    round: int = 8  # ROUND
    lease_seconds: float = 300.0  # LEASE_SECONDS
    open_ms: float = 3.0  # of the release process, an item: unseal, build: an assumption

    use: float = 0.70  # of a node's processor time in the peak hour, at most
