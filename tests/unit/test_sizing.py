"""What operators are told of sizes is what was measured and simulated."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "operateur" / "dimensionnement.md").read_text("utf-8").replace("\u00a0", " ")


def rows(text: str, cells: int) -> list[list[str]]:
    """Of tables with so many columns whose first cell is a number."""
    found = (re.split(r"\s*\|\s*", line.strip("| ")) for line in text.splitlines() if "|" in line)
    return [row for row in found if len(row) == cells and re.match(r"\d", row[0])]


def test_nodes_are_those_of_the_simulation():
    simulated = {
        row[0].replace(",", ""): (row[1], row[2], row[3], row[4].split(", ")[1])
        for row in rows((DOCS / "capacity.md").read_text("utf-8"), 11)
    }
    told = {
        row[0].replace(" ", ""): (
            row[2],
            row[3].lower(),
            row[4].replace(" ", ""),
            row[5].split(" ")[0],
        )
        for row in rows(PAGE, 6)
    }
    assert len(told) == 7
    assert told == simulated


def test_costs_are_those_of_the_bench():
    sizes: dict[str, list[float]] = {}
    for row in rows((DOCS / "performance.md").read_text("utf-8"), 8):
        sizes.setdefault(row[0], []).append(float(row[6]))
    assert sizes.keys() == {"4 KB", "40 KB", "1 MB"}
    for size, costs in sizes.items():
        french = size.replace("KB", "Ko").replace("MB", "Mo")
        (line,) = [
            one for one in PAGE.splitlines() if re.match(rf"\| (lettre de )?{french} \|", one)
        ]
        least, most = re.search(r"\| ([\d,]+) à ([\d,]+) s \|", line).groups()
        told = [float(one.replace(",", ".")) for one in (least, most)]
        assert abs(told[0] - min(costs)) <= 0.05
        assert abs(told[1] - max(costs)) <= 0.1


def test_commands_and_settings_quoted_exist():
    makefile = (DOCS.parent / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"\bmake ([a-z]+)", PAGE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
