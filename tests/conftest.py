"""What end-to-end and leak tests stand on: a real Postfix, the gateway, the internet."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.e2e.gateway import Gateway, Internet
from tests.e2e.postfix import Postfix

WRITTEN = 6_000  # last characters of each process's log, in the report of a failed test
STANDING = pytest.StashKey[dict[tuple[str, int], tuple[Postfix, Gateway]]]()  # of a file


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    """What a test made of the log, into a file of its own perhaps, is not the next one's."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def one_internet() -> Iterator[Internet]:
    hop = Internet()
    hop.up()
    yield hop
    hop.down()


@pytest.fixture
def internet(one_internet: Internet) -> Internet:
    """It has taken nothing yet, and takes everything."""
    one_internet.as_new()
    return one_internet


@pytest.fixture(scope="module")
def one_gateway(
    tmp_path_factory: pytest.TempPathFactory, one_internet: Internet
) -> Iterator[Gateway]:
    one = Gateway(tmp_path_factory.mktemp("shared") / "gateway", one_internet.hop.port)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def gateway(one_gateway: Gateway, internet: Internet) -> Gateway:
    """Running, with the internet as its next hop. One for all tests of a file, since a start is
    seconds of both processors."""
    one_gateway.as_new()
    return one_gateway


@pytest.fixture(scope="module")
def behind(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    one_internet: Internet,
) -> Iterator[Callable[..., tuple[Postfix, Gateway]]]:
    """A Postfix in the named set-up, and the gateway behind it; the internet behind both. One of a
    kind for a file."""
    if os.getuid() != 0 or not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
        why = "needs root and Postfix (apt-get install postfix)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    standing: dict[tuple[str, int], tuple[Postfix, Gateway]] = {}

    def start(set_up: str, relay: int = 0) -> tuple[Postfix, Gateway]:
        if (set_up, relay) not in standing:
            standing[set_up, relay] = started(set_up, relay)
        postfix, gateway = standing[set_up, relay]
        gateway.as_new()
        return postfix, gateway

    def started(set_up: str, relay: int) -> tuple[Postfix, Gateway]:
        folder = Path(tempfile.mkdtemp(prefix="vaguemestre-postfix-"))  # its users must look in
        postfix = Postfix(folder, set_up, 0, one_internet.hop.port)
        gateway = Gateway(tmp_path_factory.mktemp("behind") / "gateway", relay or postfix.back)
        doors = {"before-queue": gateway.smtp, "after-queue": gateway.lmtp}
        postfix.gateway = doors.get(set_up, gateway.milter)
        gateway.start()
        try:
            postfix.start()
        except BaseException:
            gateway.stop()
            raise
        request.node.stash[STANDING] = standing
        return postfix, gateway

    yield start
    for postfix, gateway in standing.values():
        postfix.stop()
        gateway.stop()
        shutil.rmtree(postfix.root, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Where CI runs, a tool that is missing is a failure, not a skip. What failed says what its
    processes wrote."""
    report = yield
    if report.failed:
        report.sections.extend(_written(item))
    if report.skipped and os.environ.get("CI") == "true" and "missing" in str(report.longrepr):
        report.outcome = "failed"
    return report


def _written(item: pytest.Item) -> Iterator[tuple[str, str]]:
    """Title and end of the log of each Postfix and gateway that the test talked to."""
    funcargs = getattr(item, "funcargs", {})
    module = item.getparent(pytest.Module)
    standing = module.stash.get(STANDING, {}) if module else {}
    of_test = [one for one in funcargs.values() if isinstance(one, Gateway)]
    of_file = [one for house in standing.values() for one in house] if "behind" in funcargs else []
    for one in (*of_test, *of_file):
        said = one.said() if isinstance(one, Gateway) else one.log()
        yield f"{type(one).__name__} in {one.root}", said[-WRITTEN:]
