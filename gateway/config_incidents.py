"""The section `incidents`: where whoever gets a mail that is not for him may say so."""

from __future__ import annotations

from gateway import config_words as words
from gateway.config_words import Section


class Incidents(Section):
    """address: one of ours, whose mail goes to `vaguemestre incident --from-mail`; told to
    recipients of protected documents. None: there is none. inbound: whether answers from outside
    are read for it, too."""

    address: words.MailAddress | None = None
    inbound: bool = False
