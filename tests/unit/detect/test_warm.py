"""Behind the wall no file may be opened: `warm` must have loaded every lexicon."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from gateway.detect import lexicon, search
search.warm()
def refuse(name):
    raise PermissionError(name)
lexicon._lines = refuse
from gateway.model import Medium, Place, Text
text = "M. Jean MARTIN, né le 14/09/1985. patiente Marie Durand, diabète. Dr Petit, IBAN FR76, NIR"
hits, problems = search.search([Text(Place("1"), text, Medium.BODY)])
print(len(hits), len(problems))
"""


def test_a_warm_process_opens_no_lexicon_any_more():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    hits, problems = done.stdout.split()
    assert int(hits) > 0
    assert problems == "0", "a detector failed for want of its lexicon"
