"""What may import what. DESIGN §3 draws it; this file enforces it."""

from __future__ import annotations

import ast
import pathlib
from functools import cache

from tests.each import of_each

ROOT = pathlib.Path(__file__).parents[2] / "gateway"
MODULES = sorted(ROOT.rglob("*.py"))

# The rooms that see personal data in clear. Without these they have no way to write it down, send
# it, or depend on anything but their arguments.
PURE_ROOMS = ("parse", "extract", "detect", "decide")
NEVER_IMPORT = set("asyncio logging os random socket sqlite3 subprocess sys time warnings".split())  # noqa: SIM905
NEVER_CALL = {"breakpoint", "eval", "exec", "open", "print", "__import__"}

# Rooms and modules that may import these of ours, and themselves, and nothing else of ours.
MAY_IMPORT = (
    {
        "model": set(),
        "acquaintance": set(),
        "errors": set(),
        "parcel": {"model"},
        "ports": {"model", "acquaintance", "parcel"},
        "inspection": {"model", "parse", "extract", "detect"},
        "receive": {"model", "errors", "ports"},
        "act": {"model", "errors", "parcel", "ports"},
    }
    | {room: {"model"} for room in PURE_ROOMS}
    | {"decide": {"model", "acquaintance"}}
)

# What everybody may come from but nobody may go to: cli and serve build and start the rest.
IMPORTED_BY = {
    "serve": {"serve", "cli", "__main__"},
    "cli": {"cli", "__main__"},
    "console": {"console", "serve", "cli"},
    "portal": {"portal", "serve", "cli"},
}

# The portal is what strangers talk to: it opens parcels, and decides, detects and reads nothing.
NEVER_IMPORTED_BY_PORTAL = {"console", "decide", "detect", "extract", "parse", "receive"}

FUNCTION_LINES = 45  # "about 40"
MODULE_LINES = 420  # "about 400"


def name_of(path: pathlib.Path) -> str:
    """As shown when a test fails."""
    return str(path.relative_to(ROOT))


def room_of(path: pathlib.Path) -> str:
    """The package or module below `gateway`; "" for gateway/__init__.py."""
    first = path.relative_to(ROOT).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


@cache
def tree_of(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(tree: ast.AST) -> set[str]:
    names = (name.split(".") for name in imports(tree))
    return {name[1] for name in names if name[0] == "gateway" and len(name) > 1}


every_module = of_each(MODULES, name_of)


def test_there_is_something_to_enforce():
    assert {room_of(path) for path in MODULES} >= {*PURE_ROOMS, "model", "errors", "act", "receive"}


@every_module
def test_a_room_imports_only_what_it_may(path):
    room = room_of(path)
    if room in MAY_IMPORT:
        assert rooms_imported(tree_of(path)) <= MAY_IMPORT[room] | {room}


@every_module
def test_nobody_imports_what_is_above(path):
    room = room_of(path)
    for imported in rooms_imported(tree_of(path)) & IMPORTED_BY.keys():
        assert room in IMPORTED_BY[imported], f"{path} imports gateway.{imported}"


@of_each([path for path in MODULES if room_of(path) == "portal"], name_of)
def test_the_portal_imports_nothing_of_the_quarantine(path):
    assert not rooms_imported(tree_of(path)) & NEVER_IMPORTED_BY_PORTAL
    named = (name.split(".") for name in imports(tree_of(path)))
    stores = {name[2] for name in named if name[:2] == ["gateway", "store"]}
    assert not stores & {"accounts", "custody", "events", "holds", "outbox", "schema"}


@of_each([path for path in MODULES if room_of(path) in PURE_ROOMS], name_of)
def test_a_pure_room_can_do_nothing_but_return(path):
    tree = tree_of(path)
    for name in imports(tree):
        assert name.split(".")[0] not in NEVER_IMPORT, f"{path} imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in NEVER_CALL, f"{path}:{node.lineno} calls {node.func.id}()"


@every_module
def test_no_relative_import(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}"


@every_module
def test_no_re_export(path):
    tree = tree_of(path)
    if path.name == "__init__.py":
        assert list(imports(tree)) == [], f"{path} imports for others"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                assert alias.name != "*", f"{path}:{node.lineno}"
                assert alias.asname is None or alias.asname != alias.name, f"{path}:{node.lineno}"


@every_module
def test_no_import_hides_in_a_string(path):
    """importlib finds plug-ins of one's own package; it must not be a way round these rules."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            assert not isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"


@every_module
def test_functions_and_modules_stay_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{path}:{node.lineno} {node.name} has {lines} lines"


@every_module
def test_a_module_says_what_it_is(path):
    if path.read_text("utf-8").strip():
        assert ast.get_docstring(tree_of(path)), f"{path} has no docstring"
