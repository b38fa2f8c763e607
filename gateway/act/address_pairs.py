"""A file of two columns, ordinary address and MSSanté address, read again when it changes.

As a spreadsheet writes it (CSV with commas or semicolons, UTF-8); lines that begin with "#" are
comments. "@domain" on the left stands for everybody there, after whoever is named himself. A file
with a wrong line is refused whole: at the start nothing starts, later the last one that was right
stays in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gateway.act import outside
from gateway.act.folder import stamp
from gateway.errors import Misconfigured

MAX_BYTES = 16 * 1024 * 1024  # some 200,000 pairs
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


class AddressPairs:
    """inside: whether an address is of the space, as all on the right must be. Raises Misconfigured
    for a file that is wrong at the start."""

    def __init__(self, path: Path, inside: Callable[[str], bool]) -> None:
        self._path, self._inside = path, inside
        self._stamp = stamp(path)
        self._pairs = read(path, inside)

    def __call__(self, address: str) -> str:
        """The one on its right; "" for none."""
        self._look_again()
        address = address.lower()
        return self._pairs.get(address) or self._pairs.get(f"@{address.rpartition('@')[2]}", "")

    def _look_again(self) -> None:
        now = stamp(self._path)
        if now == self._stamp:
            return
        self._stamp = now
        try:
            self._pairs = read(self._path, self._inside)
        except Misconfigured:  # `mssante check` says what is wrong
            return


def read(path: Path, inside: Callable[[str], bool]) -> Mapping[str, str]:
    """Misconfigured, with every line that is wrong; none is quoted."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES).decode("utf-8")
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path}: not UTF-8") from None
    pairs: dict[str, str] = {}
    wrong: list[str] = []
    for number, left, right in _lines(text.removeprefix(_BOM)):
        if why := _objection(left, right, inside) or ("named twice" if left in pairs else ""):
            wrong.append(f"{path}:{number}: {why}")
        pairs[left] = right
    if wrong:
        raise Misconfigured("\n".join(wrong))
    return pairs


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        written = line.strip()
        if written and not written.startswith("#"):
            left, _, right = written.partition(";" if ";" in written else ",")
            yield number, left.strip().strip('"').lower(), right.strip().strip('"')


def _objection(left: str, right: str, inside: Callable[[str], bool]) -> str:
    if not outside.is_plain(f"x{left}" if left.startswith("@") else left):
        return 'no address on the left, nor "@domain"'
    if not outside.is_plain(right):
        return "no address on the right"
    return "" if inside(right) else "the address on the right is not of the MSSanté space"
