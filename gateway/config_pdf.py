"""The section `pdf`: how a message looks that leaves as a PDF, and where its passwords go."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway import config_words as words
from gateway.config_portal import Sms
from gateway.config_words import Section


class Pdf(Section):
    """Encryption as a PDF under a password that travels another way. colour: of the organisation.
    logo: PNG or JPEG. sms: who sends passwords as text messages, to the telephones of `numbers`, a
    file of "address;number" lines; a ZIP's, too. chosen: a document goes to those alone who have a
    password, or a telephone in `numbers`; the others go to the portal, and may choose one there,
    which holds for chosen_days."""

    enabled: bool = True
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#0b5563"
    logo: words.File | None = None
    sms: Sms | None = None
    numbers: words.File | None = None
    chosen: bool = False
    chosen_days: int = Field(default=365, ge=1, le=1100)

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.sms is None) is not (self.numbers is None):
            wrong = "text messages need both a gateway and numbers"
            raise words.refuse(wrong, "write sms and numbers, or neither")
        return self
