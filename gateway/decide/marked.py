"""YAML that remembers where each thing stands, checked by a pydantic model.

A subset of YAML 1.2 (core schema): no anchors, aliases or tags, so that no file is bigger inside
than outside and none can build an object; `yes`, `no` and `14:00` are words, as in 1.2. A key
written twice is refused, where PyYAML would keep the last. All complaints come at once.

It opens nothing: it is given the text. What the model means is the model's business.
"""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Tag, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from gateway.decide.complaint import Complaint, about_file, remedy_for

MAX_BYTES = 1_000_000  # a rule has 1 KB, a configuration 5 KB
MAX_DEPTH = 40  # PyYAML composes by recursion: a hundred thousand brackets would end the process

Loc = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

_LINE_ENDS = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")}


class _Loader(yaml.CSafeLoader):
    """Every plain scalar stays a string: `_scalar` says what it is."""

    yaml_implicit_resolvers = {}  # noqa: RUF012


class Strict(BaseModel):
    """No key that is not declared, nothing to change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that a validator of a model refuses.

    at: keys below the thing that is being validated. on_key: point at the key, not at its value.
    """

    wrong: str
    remedy: str
    at: Loc = ()
    on_key: bool = False


class Refused(PydanticCustomError):
    """To be raised by validators: everything they refuse at once."""

    def __new__(cls, *refusals: Refusal) -> Refused:
        return super().__new__(cls, "refused", "refused", {"refusals": refusals})


def unknown(noun: str, word: str, known: Collection[str], at: Loc = ()) -> Refused:
    return Refused(Refusal(f'unknown {noun} "{word}"', remedy_for(word, known), at))


def load(
    path: str, text: str, model: type[M], context: Mapping[str, Any] | None = None
) -> tuple[M | None, list[Complaint]]:
    """One instance, or everything that is wrong. context: for the model's validators."""
    file = _File(path, text)
    node, complaints = file.compose()
    if node is None:
        return None, complaints
    try:
        found = model.model_validate(file.plain(node), context=dict(context or {}))
    except ValidationError as errors:
        for error in _own(errors.errors(include_url=False)):
            complaints += file.tell(node, model, error)
        return None, sorted(complaints, key=lambda c: (c.line, c.column))
    return (None if complaints else found), complaints


def point(path: str, text: str, loc: Loc, wrong: str, remedy: str) -> Complaint:
    """A complaint about one place of a file that `load` found good: what only shows when several
    files are seen together."""
    file = _File(path, text)
    node, _ = file.compose()
    if node is None:
        return about_file(path, wrong, remedy)
    return file.complain(_descend(node, loc)[0], wrong, remedy)


class _File:
    """One text, its lines, and where its nodes stand."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._lines = _LINE_ENDS.split(text[: MAX_BYTES + 1])

    def compose(self) -> tuple[yaml.Node | None, list[Complaint]]:
        if len(self._text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            return None, [about_file(self._path, "more than 1 MB", "split it, or shorten it")]
        try:
            if complaint := self._refuse():
                return None, [complaint]
            node = _Loader(self._text).get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            wrong = f"not YAML: {error.problem or error.context}"
            remedy = "check indentation, quotes and brackets on this line and the one above"
            if mark is None:
                return None, [about_file(self._path, wrong, remedy)]
            return None, [self._at(mark.line, mark.column, 1, wrong, remedy)]
        except (yaml.YAMLError, UnicodeError):
            wrong = "not YAML: it holds a character that no text file has"
            return None, [about_file(self._path, wrong, "save it as UTF-8 text")]
        if node is None:
            return None, [about_file(self._path, "the file is empty", "write it, or remove it")]
        return node, list(self._refuse_nodes(node))

    def _refuse(self) -> Complaint | None:
        """What must not even be composed."""
        depth = 0
        for event in yaml.parse(self._text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                wrong, remedy = f"nested more than {MAX_DEPTH} levels deep", "write it flatter"
            elif getattr(event, "anchor", None):
                wrong, remedy = "anchors and aliases are not read here", "write it out in full"
            else:
                continue
            mark = event.start_mark
            return self._at(mark.line, mark.column, 1, wrong, remedy) if mark else None
        return None

    def _refuse_nodes(self, node: yaml.Node) -> Iterator[Complaint]:
        """Explicit tags, keys that are no words, keys written twice."""
        if node.tag not in _PLAIN_TAGS:
            yield self.complain(node, "tags are not read here", "remove the tag")
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from self._refuse_nodes(item)
        if isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    yield self.complain(key, "this key is no word", "write a word and a colon")
                elif key.value in first:
                    wrong = f'"{key.value}" is written twice'
                    yield self.complain(
                        key, wrong, f"it is already on line {first[key.value]}: keep one"
                    )
                else:
                    first[key.value] = key.start_mark.line + 1
                yield from self._refuse_nodes(value)

    def plain(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {
                key.value: self.plain(value)
                for key, value in node.value
                if isinstance(key, yaml.ScalarNode)
            }
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item) for item in node.value]
        if isinstance(node, yaml.ScalarNode) and not node.style:
            return _scalar(node.value)
        return node.value

    def tell(
        self, root: yaml.Node, model: type[BaseModel], error: ErrorDetails
    ) -> Iterator[Complaint]:
        """One error of pydantic, said to an operator."""
        kind, loc = error["type"], error["loc"]
        node, key = _descend(root, loc)
        name = str(loc[-1]) if loc else ""
        if kind == "refused":
            for refusal in error["ctx"]["refusals"]:
                node, key = _descend(root, (*loc, *refusal.at))
                spot = key if refusal.on_key and key else _first(node)
                yield self.complain(spot, refusal.wrong, refusal.remedy)
        elif kind == "extra_forbidden":
            remedy = remedy_for(name, _known_keys(model, loc[:-1]))
            yield self.complain(key or node, f'unknown key "{name}"', remedy)
        elif kind == "missing":
            yield self.complain(_first(node), f'"{name}" is missing', f'add "{name}: …" here')
        else:
            yield self.complain(node, *_in_words(error, node))

    def complain(self, node: yaml.Node, wrong: str, remedy: str) -> Complaint:
        start, end = node.start_mark, node.end_mark
        width = end.column - start.column if end.line == start.line else 0
        if isinstance(node, yaml.CollectionNode) and width <= 0:
            width = 1
        if width <= 0:
            width = len(self._line(start.line)) - start.column
        return self._at(start.line, start.column, max(1, width), wrong, remedy)

    def _at(self, line: int, column: int, width: int, wrong: str, remedy: str) -> Complaint:
        return Complaint(self._path, line + 1, column + 1, width, self._line(line), wrong, remedy)

    def _line(self, number: int) -> str:
        return self._lines[number] if number < len(self._lines) else ""


def _own(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Less those that only follow from another one: a list is too short once its only item is
    refused, and a default made from another field is missing with it."""
    places = [error["loc"] for error in errors]
    for error in errors:
        loc = error["loc"]
        inside = any(len(other) > len(loc) and other[: len(loc)] == loc for other in places)
        if error["type"] != "default_factory_not_called" and not (
            error["type"] == "too_short" and inside
        ):
            yield error


def _scalar(word: str) -> str | int | float | bool | None:
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if len(word) < 20:  # longer is no number that a configuration needs
        if _INT.fullmatch(word):
            return int(word)
        if _FLOAT.fullmatch(word):
            return float(word)
    return word


def _descend(node: yaml.Node, loc: Loc) -> tuple[yaml.Node, yaml.Node | None]:
    """The node nearest to `loc`, and the key that leads to it. Marks of unions ("<any>") and what
    is not there are passed over."""
    key: yaml.Node | None = None
    for step in loc:
        if isinstance(step, int):
            if isinstance(node, yaml.SequenceNode) and step < len(node.value):
                node, key = node.value[step], None
        elif isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == step:
                    node, key = value, name
    return node, key


def _first(node: yaml.Node) -> yaml.Node:
    """Something to point at that stands on one line: a mapping's first key."""
    if isinstance(node, yaml.MappingNode) and node.value:
        first: yaml.Node = node.value[0][0]
        return first
    return node


def _known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys of the model that stands at `loc` below `model`."""
    here: Any = model
    for step in loc:
        here = _below(here, step)
    members = [here] if isinstance(here, type) else [_bare(arg) for arg in get_args(here)]
    return [
        field.alias or name
        for member in members
        if isinstance(member, type) and issubclass(member, BaseModel)
        for name, field in member.model_fields.items()
    ]


def _below(here: Any, step: str | int) -> Any:
    here = _bare(here)
    if get_origin(here) in (Union, types.UnionType):
        for member in get_args(here):
            if step and step == _tag(member):
                return _bare(member)
        here = next((_bare(m) for m in get_args(here) if m is not type(None)), None)
    if isinstance(here, type) and issubclass(here, BaseModel):
        fields = here.model_fields
        found = [f.annotation for name, f in fields.items() if step in (name, f.alias)]
        return _bare(found[0]) if found else None
    if get_origin(here) is dict:
        return _bare(get_args(here)[1])
    return _bare(get_args(here)[0]) if get_args(here) else None


def _bare(hint: Any) -> Any:
    """Less Annotated and less `| None`."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    members = [member for member in get_args(hint) if member is not type(None)]
    if get_origin(hint) in (Union, types.UnionType) and len(members) == 1:
        return _bare(members[0])
    return hint


def _tag(member: Any) -> str:
    marks = get_args(member)[1:] if get_origin(member) is Annotated else ()
    return next((mark.tag for mark in marks if isinstance(mark, Tag)), "")


def _in_words(error: ErrorDetails, node: yaml.Node) -> tuple[str, str]:
    """pydantic's own complaints, said to an operator: what is wrong, the way out."""
    context = error.get("ctx", {})
    word = node.value if isinstance(node, yaml.ScalarNode) else "this"
    if error["type"] in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f'unknown value "{word}"', remedy_for(word, known)
    if error["type"] in _SAID:
        return _SAID[error["type"]]
    said = error["msg"].replace("Input should", "it should")
    if error["type"] == "string_type" and isinstance(node, yaml.ScalarNode) and node.value:
        return said, f'put it in quotes: "{word}"'
    return said, _REMEDIES.get(error["type"], "write another value")


_KEYS = ("keys and values are expected here", "write each key on its own line, indented")
_LIST = ("a list is expected here", "write it in brackets: [one, two]")
_DATE = ("this is no date", "write for example 2026-12-31")
_SAID = {
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "dict_type": _KEYS,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "too_short": ("nothing is named here", "name at least one"),
    "int_type": ("this is no whole number", "write for example 20"),
    "int_parsing": ("this is no whole number", "write for example 20"),
    "bool_type": ("this is neither true nor false", "write true or false"),
    "bool_parsing": ("this is neither true nor false", "write true or false"),
}
_REMEDIES = {
    "string_too_short": "write at least a word",
    "string_too_long": "shorten it",
    "greater_than_equal": "give a greater number",
    "less_than_equal": "give a smaller number",
}
