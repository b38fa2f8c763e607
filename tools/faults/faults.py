"""The faults of the in-process trials: their names, where they strike, and what they may excuse."""

from __future__ import annotations

import errno
import resource
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.faults import harm
from tools.faults.account import Circumstances
from tools.faults.harm import Harm
from tools.faults.traffic import HELD

CLIENT, RELEASE = "client", "release"  # phases: a mail comes in; what is due later goes out
SQLITE, POSTGRESQL = "sqlite", "postgresql"
_NOTHING, _STORE = Circumstances(), Circumstances(store_away=True)
_STOPPED = (*HELD, "to encrypt", "to encrypt for some")
_SEVERAL = ("innocent to several", "to encrypt for some", "to hold for some")


@dataclass(frozen=True, slots=True)
class Fault:
    """family: the line of the table. harm: at our own boundary. deed: at the next hop's, done at
    the next such moment (`tools.faults.sink`). kinds: of mails that meet it; () is all."""

    family: str
    name: str
    harm: Harm | None = None
    deed: Mapping[str, str] = field(default_factory=dict)
    phases: tuple[str, ...] = (CLIENT, RELEASE)
    stores: tuple[str, ...] = (SQLITE, POSTGRESQL)
    kinds: tuple[str, ...] = ()
    about: Circumstances = _NOTHING


def _disk(name: str, call: str, error: int, *, torn: bool = False) -> Fault:
    harmful = harm.disk(call, error, torn=torn)
    family = {errno.ENOSPC: "disk full", errno.EROFS: "disk read-only"}.get(error, "disk failing")
    family = "torn write" if torn else family
    return Fault(family, name, harmful, phases=(CLIENT,), kinds=HELD, about=_STORE)


def _hop(family: str, at: str, do: str, *, kinds: tuple[str, ...] = (), **more: str) -> Fault:
    deed = {"at": at, "do": do, **more}
    """of: a recipient's beginning. No letter of ours to a sender is refused for good: what the
    next hop refuses so is given up, loudly, and nobody else can deliver it."""
    name = f"{do} at {at}" + (f" for {more['of'].rstrip('.')}" if more else "")
    return Fault(family, name, deed=deed, kinds=kinds)


def _sqlite(family: str, name: str, harmful: Harm, kinds: tuple[str, ...] = _STOPPED) -> Fault:
    return Fault(family, name, harmful, stores=(SQLITE,), kinds=kinds, about=_STORE)


def _way(family: str, name: str, harmful: Harm) -> Fault:
    return Fault(family, name, harmful, stores=(POSTGRESQL,), about=_STORE)


IN_PLACE = (
    _disk("no room at write", "write", errno.ENOSPC),
    _disk("no room at fsync", "fsync", errno.ENOSPC),
    _disk("fsync answers EIO", "fsync", errno.EIO),
    _disk("write answers EIO", "write", errno.EIO),
    _disk("no new file", "open", errno.EROFS),
    _disk("half a blob, then no room", "write", errno.ENOSPC, torn=True),
    _disk("half a blob, then EIO", "write", errno.EIO, torn=True),
    Fault(
        "disk failing",
        "a blob cannot be read",
        harm.unreadable_blob,
        phases=(RELEASE,),
        kinds=HELD,
    ),
    _sqlite("disk full", "database cannot grow", harm.pragma(harm.full)),
    _sqlite("disk full", "files cannot grow", harm.limit(resource.RLIMIT_FSIZE, harm.few_bytes)),
    _sqlite("disk read-only", "database read-only", harm.pragma(harm.read_only)),
    Fault("database locked", "write lock held", harm.locked, kinds=_STOPPED, about=_STORE),
    Fault("database lost", "at the n-th statement", harm.statement, kinds=_STOPPED, about=_STORE),
    Fault(
        "database lost", "before the commit", harm.commit(done=False), kinds=_STOPPED, about=_STORE
    ),
    Fault(
        "database lost", "after the commit", harm.commit(done=True), kinds=_STOPPED, about=_STORE
    ),
    _way("database lost", "cut at the n-th question", harm.way(harm.cut_asking)),
    _way("database lost", "cut at the n-th answer", harm.way(harm.cut_answering)),
    _way("database slow", "each piece delayed", harm.way(harm.slow)),
    _way("database failing over", "cut and refused", harm.way(harm.failing_over)),
    _hop("next hop resets", "connect", "reset"),
    _hop("next hop resets", "mail", "reset"),
    _hop("next hop resets", "rcpt", "reset"),
    _hop("next hop resets", "data", "reset"),
    _hop("next hop resets", "body", "reset"),
    _hop("next hop resets", "dot", "reset"),
    _hop("next hop answers 4yz", "mail", "4yz"),
    _hop("next hop answers 4yz", "rcpt", "4yz", kinds=_SEVERAL, of="zoe."),
    _hop("next hop answers 4yz", "dot", "4yz"),
    _hop("next hop answers 5yz", "rcpt", "5yz", kinds=_SEVERAL, of="zoe."),
    _hop("next hop answers 5yz", "rcpt", "5yz", kinds=_SEVERAL, of="ana."),
    _hop("next hop answers 5yz", "dot", "5yz", of="zoe."),
    _hop("half a reply", "dot", "half"),
    _hop("next hop's reply lost", "dot", "take and reset"),
    Fault(
        "descriptors exhausted",
        "few left",
        harm.limit(resource.RLIMIT_NOFILE, harm.few_descriptors),
    ),
)

# Of these the trial itself is the fault: `inside`.
UNHEARD = Fault("client gone", "before our answer", phases=(CLIENT,))
AT_ONCE = Fault("client gone", "comes again at once", phases=(CLIENT,))
FORWARD = Fault("clock jumps", "forward by hours", about=Circumstances(clock=True))
BACKWARD = Fault("clock jumps", "back by a day")
STALLS = tuple(
    Fault(
        "next hop stalls",
        f"{do} at {at}",
        deed={"at": at, "do": do},
        about=Circumstances(late=True),
    )
    for at, do in (
        ("connect", "stall"),
        ("mail", "stall"),
        ("data", "stall"),
        ("body", "stall"),
        ("dot", "stall"),
        ("dot", "take and stall"),
    )
)
KILLED = Fault("killed at a step", "door", phases=(CLIENT,), about=Circumstances(killed=True))
KILLED_LATER = Fault(
    "killed at a step", "release", phases=(RELEASE,), about=Circumstances(killed=True)
)
MEMORY = Fault(
    "memory exhausted",
    "little left",
    harm.limit(resource.RLIMIT_AS, harm.little_memory),
    about=Circumstances(killed=True, store_away=True),
)
