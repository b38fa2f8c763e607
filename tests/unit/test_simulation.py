"""The simulation of capacity: held against formulas, against itself, and against the code."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from random import Random
from statistics import fmean

import pytest

from gateway import release
from gateway.config import Config, LimitsOfMail, Sandbox
from gateway.sandbox import wall
from gateway.store import writer
from tools import simulate as tool
from tools.simulation.capacity import plan_for
from tools.simulation.figures import KINDS, Figures
from tools.simulation.kernel import Batch, Clock, Servers
from tools.simulation.run import Plan, simulate
from tools.simulation.store import Store, Work, Writer
from tools.simulation.traffic import DAY, PEAK, Traffic, processor_ms

FIGURES = Figures()
SMALL = 200_000.0  # mails a day: 6.8 a second in the busiest hour, a quarter of one core


def ends(counts):
    return sum(counts[order] for order in ("passed", "held", "encrypted", "rejected"))


# The kernel against queueing theory


def queue(rate, servers, service, count):
    """Of a Poisson process at that rate: the mean wait, and how many each found waiting.

    service: draws the seconds of one.
    """
    rng, clock = Random(7), Clock()
    line, waits, found, at = Servers(clock, servers), [], [], 0.0

    def customer():
        begun = clock.now
        found.append(line.waiting)
        yield line
        waits.append(clock.now - begun)
        yield service(rng)
        line.release()

    for _ in range(count):
        at += rng.expovariate(rate)
        clock.start(customer(), at)
    clock.run(math.inf)
    return fmean(waits), fmean(found)


def erlang_c(rate, servers):
    """The mean wait of M/M/c with a service of one second."""
    own = rate**servers / math.factorial(servers) * servers / (servers - rate)
    waits = own / (sum(rate**k / math.factorial(k) for k in range(servers)) + own)
    return waits / (servers - rate)


def exponential(rng):
    return rng.expovariate(1.0)


@pytest.mark.parametrize(
    ("rate", "servers", "service", "expected"),
    [
        pytest.param(0.6, 1, exponential, 0.6 / 0.4, id="M/M/1"),
        pytest.param(0.6, 1, lambda rng: 1.0, 0.6 / (2 * 0.4), id="M/D/1, by Pollaczek-Khinchine"),
        pytest.param(2.4, 4, exponential, erlang_c(2.4, 4), id="M/M/4, by Erlang C"),
    ],
)
def test_the_mean_wait_is_that_of_the_formula(rate, servers, service, expected):
    wait, found = queue(rate, servers, service, 25_000)
    assert wait == pytest.approx(expected, rel=0.06)
    assert found == pytest.approx(rate * expected, rel=0.08)  # Little's law


def test_busy_seconds_are_the_work_done():
    clock = Clock()
    line = Servers(clock, 2)
    for seconds in (1.0, 2.0, 4.0):
        clock.start(line.serve(seconds))
    clock.run(10.0)
    assert line.busy_seconds == 7.0


# The store


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_works_that_come_while_one_is_committed_are_committed_together(kind):
    clock = Clock()
    store = Store(clock, FIGURES, kind, Random(1), 0)
    writing, done = Writer(store), []

    def one():
        yield Work(writing, 0.001)
        done.append(clock.now)

    for number in range(1 + FIGURES.group):
        clock.start(one(), number * 1e-9)
    clock.run(60.0)
    assert (store.works, store.transactions, len(done)) == (1 + FIGURES.group, 2, 1 + FIGURES.group)
    assert len(set(done)) == 2


def test_on_sqlite_one_process_writes_at_a_time_and_on_postgresql_all_do():
    took = {}
    for kind in ("sqlite", "postgresql"):
        clock = Clock()
        store = Store(clock, replace(FIGURES, fsync_spread=0.0), kind, Random(1), 0)
        ends_ = []

        def one(writing, clock=clock, ends_=ends_):
            yield Work(writing, 0.010)
            ends_.append(clock.now)

        for _ in range(8):
            clock.start(one(Writer(store)))
        clock.run(60.0)
        took[kind] = max(ends_)
    assert took["sqlite"] == pytest.approx(8 * 0.014)
    assert took["postgresql"] < 0.03


def test_a_flush_serves_all_who_wait_and_each_takes_its_own_time():
    clock, ended = Clock(), []
    draws = iter((1.0, 3.0))
    log = Batch(clock, lambda: next(draws))

    def one():
        yield log
        ended.append(clock.now)

    for at in (0.0, 0.2, 0.9):
        clock.start(one(), at)
    clock.run(60.0)
    assert ended == [1.0, 4.0, 4.0]


# Traffic


def test_a_day_has_its_mails_and_its_hours():
    mails = Traffic(10_000, 1.0, False, replace(FIGURES, in_series=0.0)).mails(Random(3), DAY)
    assert len(mails) == pytest.approx(10_000, rel=0.03)
    hours = [int(at // 3600) for at, _ in mails]
    assert hours.count(9) > 10 * hours.count(3)


def test_mails_of_a_series_are_judged_alike():
    only = replace(FIGURES, in_series=1.0, held=0.5)
    mails = Traffic(10_000_000, 1.0, True, only).mails(Random(3), 2.0)
    held = sum(mail.order == "held" for _, mail in mails)
    assert 0.3 < held / len(mails) < 0.7


# Whole runs


def test_nothing_is_lost_and_the_same_seed_tells_the_same():
    plan = Plan(SMALL, seconds=120.0)
    first, again = simulate(plan, seed=5), simulate(plan, seed=5)
    assert first == again
    assert first != simulate(plan, seed=6)
    assert first.counts["arrived"] == ends(first.counts) + first.counts["inside"]
    assert first.counts["arrived"] > 500


def test_use_of_the_cores_is_rate_times_cost():
    calm = replace(FIGURES, in_series=0.0, content_spread=0.0)
    found = simulate(Plan(SMALL, seconds=600.0), calm)
    offered = SMALL * PEAK / 3600 * processor_ms(calm) / 1000 / 2
    assert found.cores == pytest.approx(offered, rel=0.25)


def test_above_capacity_mails_are_put_off_and_none_is_lost():
    found = simulate(Plan(20 * SMALL, seconds=20.0), replace(FIGURES, waiting_per_worker=4))
    assert found.put_off > 0.1
    assert found.cores > 0.9
    assert found.counts["arrived"] == ends(found.counts) + found.counts["inside"]


def test_of_two_nodes_one_dies_and_the_mails_it_had_come_again():
    slow = replace(FIGURES, hop_ms=2000.0, in_series=0.0)
    found = simulate(Plan(SMALL, 2, 2, "postgresql", 400.0, fails=20.0, down=30.0), slow)
    assert 0 < found.put_off < 0.05
    assert found.counts["arrived"] == ends(found.counts) + found.counts["inside"]
    assert found.counts["inside"] < 60  # they came again after five minutes; others have just come


def test_a_lone_node_that_is_down_answers_nobody_and_its_mails_wait_with_their_clients():
    found = simulate(Plan(SMALL, seconds=100.0, fails=10.0, down=1000.0))
    assert found.counts["inside"] > 0.8 * found.counts["arrived"]


def test_leases_of_a_dead_release_process_run_out():
    slow = replace(FIGURES, hop_ms=5000.0, held=0.5, in_series=0.0)
    found = simulate(Plan(SMALL / 10, 1, 2, "sqlite", 400.0, fails=60.0, down=1.0), slow)
    assert max(found.letters) > FIGURES.lease_seconds - 60


def test_one_node_and_the_others_holds_tell_what_all_nodes_tell():
    """The scaling of docs/capacity.md, where both can be run."""
    busy = replace(FIGURES, held=0.05, in_series=0.0)
    whole = Plan(4 * SMALL, 4, 2, "postgresql", 150.0)
    full = simulate(whole, busy)
    part = simulate(replace(whole, looked_at=1, seconds=300.0), busy)
    assert part.counts["arrived"] / 300 == pytest.approx(full.counts["arrived"] / 600, rel=0.1)
    assert part.cores == pytest.approx(full.cores, rel=0.3)  # a scan is two seconds of work
    assert part.works_s == pytest.approx(full.works_s, rel=0.12)
    for share in (0.5, 0.9):
        assert tool.at(part.doors, share) == pytest.approx(tool.at(full.doors, share), rel=0.2)
    assert tool.at(part.holds, 0.5) == pytest.approx(tool.at(full.holds, 0.5), rel=0.2)


# What it says of the gateway is what the gateway does


def test_limits_are_those_of_the_gateway():
    limits, deadline = LimitsOfMail(), Config.model_fields["deadline"].default
    patience = max(deadline - limits.seconds, deadline / 2)
    theirs = replace(
        FIGURES,
        workers=Sandbox().workers,
        waiting_per_worker=wall._WAITING_PER_WORKER,
        patience_seconds=patience,
        connections=limits.connections,
        group=writer.GROUP,
        poll_seconds=release.POLL_SECONDS,
        round=release.ROUND,
        lease_seconds=release.LEASE_SECONDS,
    )
    assert theirs == FIGURES
    assert sum(kind.share for kind in KINDS) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("a_day", "nodes", "store"),
    [(1e3, 1, "sqlite"), (1e6, 1, "sqlite"), (1e8, 9, "postgresql"), (1e9, 90, "postgresql")],
)
def test_nodes_suffice_for_the_busiest_hour(a_day, nodes, store):
    plan = plan_for(a_day, FIGURES, 1000)
    assert plan.nodes >= nodes
    assert plan.store == store
    offered = a_day * PEAK / 3600 * processor_ms(FIGURES) / 1000
    assert offered <= FIGURES.use * plan.nodes * plan.cores


def test_the_command_prints_a_table_or_objects(capsys):
    assert tool.main(["--days", "1e6,1e8", "--mails", "500", "--json"]) == 0
    said = [json.loads(one) for one in capsys.readouterr().out.splitlines()]
    assert [one["mails_a_day"] for one in said] == [1e6, 1e8]
    assert tool.main(["--days", "1e6", "--mails", "500", "--set", "hop_ms=1"]) == 0
    head, _, row = capsys.readouterr().out.splitlines()
    assert head.count("|") == row.count("|")
    with pytest.raises(SystemExit):
        tool.main(["--set", "hop=1"])
