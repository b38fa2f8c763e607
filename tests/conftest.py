"""What end-to-end and leak tests stand on: a real Postfix, the gateway, the internet."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.gateway import Gateway, Internet
from tests.e2e.postfix import Postfix


@pytest.fixture
def internet() -> Iterator[Internet]:
    hop = Internet()
    hop.up()
    yield hop
    hop.down()


@pytest.fixture
def gateway(tmp_path: Path, internet: Internet) -> Iterator[Gateway]:
    """Running, with the internet as its next hop."""
    one = Gateway(tmp_path / "gateway", internet.hop.port)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def behind(
    tmp_path: Path, internet: Internet
) -> Iterator[Callable[[str], tuple[Postfix, Gateway]]]:
    """A Postfix in the named set-up, and the gateway behind it; the internet behind both."""
    if os.getuid() != 0 or not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
        why = "needs root and Postfix (apt-get install postfix)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    started: list[Postfix | Gateway] = []

    def start(set_up: str, relay: int = 0) -> tuple[Postfix, Gateway]:
        folder = Path(tempfile.mkdtemp(prefix="vaguemestre-postfix-"))  # its users must look in
        postfix = Postfix(folder, set_up, 0, internet.hop.port)
        gateway = Gateway(tmp_path / "gateway", relay or postfix.back)
        postfix.gateway = gateway.smtp if set_up == "before-queue" else gateway.lmtp
        gateway.start()
        started.append(gateway)
        postfix.start()
        started.append(postfix)
        return postfix, gateway

    yield start
    for one in reversed(started):
        one.stop()
        if isinstance(one, Postfix):
            shutil.rmtree(one.root, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Where CI runs, a tool that is missing is a failure, not a skip."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and "missing" in str(report.longrepr):
        report.outcome = "failed"
    return report
