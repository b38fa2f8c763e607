"""What goes in and out of the API: nothing undeclared, nothing converted, times in RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema, core_schema

HOLD_PATTERN = r"^[0-9A-Z]{2,12}(-[0-9A-Z]{2,12}){0,3}(\.[0-9]{1,3})?$"
ACCOUNT_PATTERN = r"^[a-z0-9][a-z0-9._-]{1,63}$"
HoldId = Annotated[str, Field(pattern=HOLD_PATTERN, description="7K2F-9QXD")]
AccountName = Annotated[str, Field(pattern=ACCOUNT_PATTERN)]
WORDS_PATTERN = r"\S"  # not blanks alone
Reason = Annotated[str, Field(min_length=1, max_length=2000, pattern=WORDS_PATTERN)]
Words = Annotated[str, Field(max_length=2000)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class OneOf:
    """A text out of a closed list that another module keeps."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self._texts))


class Untitled(GenerateJsonSchema):
    """Without a title for each field, which says its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def moment_or_none(epoch: float | None) -> datetime | None:
    return None if epoch is None else moment(epoch)
