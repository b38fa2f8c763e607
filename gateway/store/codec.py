"""The nouns of `gateway.model` as JSON and back, for what is sealed.

Fields are told by name and type. One that is missing takes its default and one that is unknown is
dropped, so that a store written by the version before or after this one can be read. Bytes are
base64; lone surrogates of undecodable text survive, since JSON writes them as escapes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def dump(noun: Any) -> bytes:
    """noun: a dataclass of str, int, float, bool, bytes, enums, tuples and dataclasses, or None
    in place of one of these."""
    return json.dumps(noun, default=_spelt, separators=(",", ":")).encode("ascii")


def load(kind: type[T], written: bytes) -> T:
    asked: Any = kind
    noun: T = _builder(asked)(json.loads(written))
    return noun


def _spelt(value: Any) -> Any:
    """What json does not know; twice as fast as `asdict`, which copies every leaf."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    kind: Any = type(value)
    return {name: getattr(value, name) for name in _names(kind)}


@cache
def _builder(kind: Any) -> Callable[[Any], Any]:
    """Made once a type: a list of fifty holds has two thousand fields."""
    if isinstance(kind, UnionType):  # something or None
        [other] = (one for one in get_args(kind) if one is not NoneType)
        build = _builder(other)
        return lambda value: None if value is None else build(value)
    if get_origin(kind) is tuple:
        return _tuple_builder(get_args(kind))
    if is_dataclass(kind) and isinstance(kind, type):
        return _noun_builder(kind)
    if kind is bytes:
        return lambda value: base64.b64decode(value, validate=True)
    builder: Callable[[Any], Any] = kind
    return builder


def _tuple_builder(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    if kinds[-1] is Ellipsis:
        build = _builder(kinds[0])
        return lambda value: tuple(map(build, value))
    builders = [_builder(one) for one in kinds]
    return lambda value: tuple(build(each) for build, each in zip(builders, value, strict=True))


def _noun_builder(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    builders = {name: _builder(hints[name]) for name in _names(kind)}
    return lambda value: kind(
        **{name: builders[name](each) for name, each in value.items() if name in builders}
    )


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
