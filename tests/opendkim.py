"""OpenDKIM, which shares no line with us, as the judge of signatures: keys from a file, no DNS."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

PROGRAM = shutil.which("opendkim", path="/usr/sbin:/usr/local/sbin:/usr/bin")
_VERDICT = re.compile(r"dkim=(\w+)[^;]*?header\.s=(\S+)")


def verdicts(
    folder: Path, records: Mapping[str, str], messages: Sequence[bytes]
) -> list[dict[str, str]]:
    """Of each message: selector -> pass, fail… records: name in DNS -> key record."""
    if PROGRAM is None:
        why = "needs opendkim (apt-get install opendkim)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    keys = "".join(f"{name} {record}\n" for name, record in records.items())
    (folder / "keys").write_text(keys)
    settings = f"TestDNSData file:{folder}/keys\nMode v\nStrictTestMode yes\n"
    (folder / "opendkim.conf").write_text(settings)
    paths = [folder / f"{number}.eml" for number in range(len(messages))]
    for path, message in zip(paths, messages, strict=True):
        path.write_bytes(message)
    command = [PROGRAM, "-x", str(folder / "opendkim.conf"), "-vv", "-t", ",".join(map(str, paths))]
    said = subprocess.run(command, capture_output=True, timeout=60, check=False)
    told = said.stdout.decode("latin-1").split("### INSHEADER")[1:]
    assert len(told) == len(messages), said.stderr.decode("latin-1")[-2000:]
    return [{selector: result for result, selector in _VERDICT.findall(one)} for one in told]
