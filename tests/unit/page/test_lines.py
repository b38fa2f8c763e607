"""Lines: as wide as they may be, and nothing lost between them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.page import faces, lines
from gateway.page.blocks import Run

RUNS = st.lists(
    st.builds(Run, st.text(alphabet=" abWM.é\n", max_size=80), st.booleans(), st.booleans()),
    max_size=5,
)


def text_of(line):
    return "".join(run.text for run in line)


def wide(line, size):
    return sum(faces.width(run.text, size, run.bold, run.italic) for run in line)


@settings(deadline=None, max_examples=60)
@given(RUNS, st.integers(60, 500), st.sampled_from([8.0, 10.0, 17.0]))
def test_no_line_is_wider_than_the_page_and_no_character_is_lost(runs, width, size):
    made = list(lines.wrapped(runs, width, size))
    joined = "".join(map(text_of, made))
    written = "".join(run.text for run in runs)
    assert "".join(joined.split()) == "".join(written.split())
    for line in made:
        blank = faces.width(" ", size, True) if text_of(line).endswith(" ") else 0
        assert wide(line, size) - blank <= width + 0.01


def test_a_word_in_two_looks_stays_on_one_line():
    runs = [Run("abcde " * 8), Run("fghij", bold=True), Run(", ")]
    (line,) = [one for one in lines.wrapped(runs, 200, 10) if "fghij" in text_of(one)]
    assert text_of(line).rstrip().endswith("fghij,")


def test_a_line_feed_ends_a_line():
    made = [text_of(one) for one in lines.wrapped([Run("un\n"), Run("\ndeux")], 200, 10)]
    assert made == ["un", "", "deux"]
