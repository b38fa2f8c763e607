"""Pictures of figures: where each bar stands, for `picture.html` to draw as SVG on the server.

Colours are classes of the style sheet, so that they follow the dark mode and the content policy
needs no exception. The numbers stand in a table below each picture, for whoever does not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 720, 200  # of the drawing, in its own units
_LEFT, _TOP, _BOTTOM = 44, 10, 24  # room for the axes
_ROW, _LABEL = 30, 250  # of a list: height of a line, width of its words
_LABEL_LETTERS = 30  # that fit beside a bar; the whole stands in the table
_GAP = 0.2  # of the room of a bar


@dataclass(frozen=True, slots=True)
class Series:
    """shade: a class of the style sheet, "held". values: one for each of the picture's labels."""

    name: str
    shade: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """said: what the pointer shows."""

    x: float
    y: float
    width: float
    height: float
    shade: str
    said: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word on an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """code: its name in the page. labels: of the rows of its table. lines: heights of the scale,
    drawn from `left` on. marks: on the scale. under: below the bars, or before them in a list."""

    code: str
    title: str
    told: str
    head: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    height: float
    bars: tuple[Bar, ...]
    lines: tuple[float, ...]
    marks: tuple[Mark, ...]
    under: tuple[Mark, ...]
    left: int = _LEFT
    width: int = WIDTH

    @property
    def empty(self) -> bool:
        return not any(value for one in self.series for value in one.values)


def by_day(
    code: str, title: str, told: str, head: str, days: Sequence[date], series: Sequence[Series]
) -> Picture:
    """One stacked bar a day."""
    sums = [sum(one.values[at] for one in series) for at in range(len(days))]
    most = _round_up(max(sums, default=0))
    room = HEIGHT - _TOP - _BOTTOM
    step = (WIDTH - _LEFT) / max(1, len(days))
    labels = tuple(f"{day:%d/%m/%Y}" for day in days)
    bars = []
    for at, label in enumerate(labels):
        foot = float(HEIGHT - _BOTTOM)
        for one in series:
            tall = room * one.values[at] / most
            if tall:
                foot -= tall
                said = f"{label} · {one.name} : {one.values[at]}"
                x = _LEFT + step * (at + _GAP / 2)
                bars.append(_bar(x, foot, step * (1 - _GAP), tall, one.shade, said))
    lines = tuple(HEIGHT - _BOTTOM - room * part / 2 for part in range(3))
    marks = tuple(Mark(_LEFT - 6, y + 4, str(most * part // 2)) for part, y in enumerate(lines))
    every = max(1, len(days) // 6)
    under = tuple(
        Mark(round(min(_LEFT + step * (at + 0.5), WIDTH - 18), 1), HEIGHT - 6, f"{day:%d/%m}")
        for at, day in enumerate(days)
        if (len(days) - 1 - at) % every == 0
    )
    return Picture(
        code, title, told, head, labels, tuple(series), HEIGHT, tuple(bars), lines, marks, under
    )


def by_name(
    code: str, title: str, told: str, head: str, names: Sequence[str], series: Sequence[Series]
) -> Picture:
    """One bar a line, its words before it and its number behind."""
    sums = [sum(one.values[at] for one in series) for at in range(len(names))]
    most = max([*sums, 1])
    room = WIDTH - _LABEL - 60
    bars, marks, under = [], [], []
    for at, name in enumerate(names):
        y, x = at * _ROW, float(_LABEL)
        for one in series:
            long = room * one.values[at] / most
            if long:
                said = f"{name} · {one.name} : {one.values[at]}"
                bars.append(_bar(x, y + 5, long, _ROW - 10, one.shade, said))
                x += long
        marks.append(Mark(round(x + 8, 1), y + 20, str(sums[at])))
        under.append(Mark(_LABEL - 8, y + 20, _short(name)))
    height = max(1, len(names)) * _ROW
    series = tuple(series)
    return Picture(
        code,
        title,
        told,
        head,
        tuple(names),
        series,
        height,
        tuple(bars),
        (),
        tuple(marks),
        tuple(under),
    )


def _bar(x: float, y: float, width: float, height: float, shade: str, said: str) -> Bar:
    return Bar(round(x, 1), round(y, 1), round(width, 1), round(height, 1), shade, said)


def _short(name: str) -> str:
    return name if len(name) <= _LABEL_LETTERS else f"{name[: _LABEL_LETTERS - 1]}…"


def _round_up(value: int) -> int:
    """The end of a scale: even, so that its half is a number too."""
    for power in range(12):
        for step in (2, 4, 6, 8, 10):
            if value <= step * 10**power:
                return int(step * 10**power)
    return value
