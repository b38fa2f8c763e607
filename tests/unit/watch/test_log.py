"""Nothing but plain fields in the log, whoever writes to it."""

import errno
import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Misconfigured
from gateway.watch import log
from gateway.watch.log import MAX_CHARACTERS, plain, where
from gateway.watch.log_file import Unfailing

WORDS = "Zoé Inventée 2 79 99 99 999 001"


@pytest.fixture
def written(monkeypatch):
    """What a process's log says, as objects."""
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    root = logging.getLogger()
    kept = root.handlers[:], root.level, logging.raiseExceptions
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    logger = log.start("test", level="debug")
    yield lambda: (logger, [json.loads(line) for line in out.getvalue().splitlines()])
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    root.handlers[:], logging.raiseExceptions = kept[0], kept[2]
    root.setLevel(kept[1])
    logging.captureWarnings(False)


def strings(value):
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield from (*strings(key), *strings(item))
        case list():
            for item in value:
                yield from strings(item)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
leaves |= st.text(min_size=MAX_CHARACTERS - 5) | st.builds(object)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.sets(st.text())
        | st.dictionaries(st.text() | st.binary() | st.integers(), inner)
    ),
)


@given(anything)
def test_only_short_printable_ascii_passes(value):
    for text in strings(plain(value)):
        assert text.isascii()
        assert text.isprintable()
        assert len(text) <= MAX_CHARACTERS


@given(anything)
def test_what_passes_is_json(value):
    json.dumps(plain(value))


@given(anything, st.characters() | st.text(min_size=MAX_CHARACTERS, max_size=MAX_CHARACTERS + 2))
def test_a_line_says_no_more_than_its_plain_values(value, text):
    event = {"event": "mail", "value": value, "text": text, "both": [{"text": text}, value]}
    assert log._line(dict(event)) == json.dumps(plain(event))


@pytest.mark.parametrize("text", [WORDS, "\x7f", 'a"b', "a\\b", "a\nb", "x" * (MAX_CHARACTERS + 1)])
def test_one_value_that_is_not_plain_is_cleaned_among_others_that_are(text):
    said = json.loads(log._line({"id": "7K2F-9QXD", "deep": [{"a": text, text: 1}]}))
    assert said["id"] == "7K2F-9QXD"
    assert said["deep"] == [{"a": plain(text), str(plain(text)): 1}]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("7K2F-9QXD", "7K2F-9QXD"),
        ("x" * MAX_CHARACTERS, "x" * MAX_CHARACTERS),
        ("x" * (MAX_CHARACTERS + 1), "?"),
        ("Zoé", "?"),
        ("a\nb", "?"),
        (b"bytes", "?"),
        (ValueError(WORDS), "?"),
        ({"Zoé": ["Zoé", 1]}, {"?": ["?", 1]}),
        ((1, 2.5, None, True), [1, 2.5, None, True]),
    ],
)
def test_what_is_not_plain_is_a_question_mark(value, shown):
    assert plain(value) == shown


def failing():
    raise ValueError(WORDS)


def test_an_exception_is_its_class_and_our_line_without_its_words(written):
    logger, _ = written()
    try:
        plain_of_something_of_ours()
    except Misconfigured:
        logger.exception("broken")
        logger.error("again", exc_info=True)
    _, lines = written()
    for line in lines:
        assert line["error"] == "Misconfigured"
        assert line["at"].startswith("log:")
    assert len(lines) == 2
    assert "nowhere" not in repr(lines)


def plain_of_something_of_ours():
    log.start("test", file=Path("/nowhere/to/be/found.log"))


def test_an_exception_from_elsewhere_has_no_line_of_ours():
    with pytest.raises(ValueError) as raised:
        failing()
    assert where(raised.value) == {"error": "ValueError", "at": ""}
    assert where(None) == {}


def test_what_libraries_log_and_warn_of_is_said_without_their_words(written):
    logging.getLogger("pdfminer").error("cannot read %s", WORDS)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(WORDS, stacklevel=1)
    _, lines = written()
    assert [(line["event"], line["logger"]) for line in lines] == [
        ("library", "pdfminer"),
        ("library", "py.warnings"),
    ]
    assert "Invent" not in repr(lines)


def test_what_nobody_caught_in_a_thread_is_said_without_its_words(written):
    thread = threading.Thread(target=failing)
    thread.start()
    thread.join()
    _, [line] = written()
    assert (line["event"], line["error"]) == ("uncaught", "ValueError")


@pytest.mark.parametrize(
    "code",
    ["raise ValueError(WORDS)", "class A:\n def __del__(self): raise ValueError(WORDS)\ndel A"],
)
def test_what_nobody_caught_at_all_is_said_without_its_words(code):
    if "__del__" in code:
        code = code.replace("del A", "a = A()\ndel a")
    program = f"from gateway.watch import log\nlog.start('x')\nWORDS = 'canari'\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "canari" not in done.stderr
    assert json.loads(done.stderr)["error"] == "ValueError"


def test_a_line_names_process_level_and_time(written):
    logger, _ = written()
    logger.info("mail", id="7K2F")
    _, [line] = written()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"process": "test", "event": "mail", "id": "7K2F", "level": "info"}


def test_into_a_file(tmp_path, written):
    log.start("door", file=tmp_path / "x.log").warning("ready", ports=[1, 2])
    line = json.loads((tmp_path / "x.log").read_text())
    assert (line["process"], line["ports"]) == ("door", [1, 2])


def test_in_the_form_it_was_told(tmp_path, written):
    file = tmp_path / "x.log"
    log.start("door", file=file, form="text").info("ready", ports=[1, 2])
    assert file.read_text().endswith("Z info door: ready ports=[1,2]\n")


def test_a_disk_that_is_full_ends_nothing(written):
    log.start("door", file=Path("/dev/full")).info("mail", id="7K2F")


class Disk:
    """Takes what it is given while it has room."""

    def __init__(self) -> None:
        self.room, self.taken = True, ""

    def write(self, text):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.taken += text

    def flush(self):
        pass


def test_what_was_not_taken_is_counted_and_said_once():
    disk = Disk()
    file = Unfailing(disk, lambda lines: f"{lines} missed")
    for number, room in enumerate([True, False, False, True, True]):
        disk.room = room
        file.write(f"{number}\n")
    assert disk.taken == "0\n2 missed\n3\n4\n"


def test_the_line_that_says_so_is_one_as_any_other(tmp_path, written):
    logger = log.start("door", file=tmp_path / "x.log")
    file = structlog.get_config()["logger_factory"]._file
    file._file.close()
    logger.info("mail")
    file._file = (tmp_path / "x.log").open("a")
    logger.info("mail")
    first, second = map(json.loads, (tmp_path / "x.log").read_text().splitlines())
    assert (first["process"], first["event"], first["missed"]) == ("door", "log", 1)
    assert second["event"] == "mail"
