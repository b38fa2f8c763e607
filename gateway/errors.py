"""Three kinds of failure, told apart by what the client is answered. Imports nothing of ours.

Their texts go to strangers: fixed wording, no personal data, US-ASCII.
"""

from __future__ import annotations


class GatewayError(Exception):
    """The base of ours; never raised itself."""


class Temporary(GatewayError):
    """4yz: nothing is lost, the client must try again."""


class Permanent(GatewayError):
    """5yz: trying again will not help."""


class Misconfigured(GatewayError):
    """The gateway refuses to start, or keeps what it had. The text is for its operator."""


class NoChannel(GatewayError):
    """No way to encrypt for these recipients: `otherwise` applies to them, never clear text."""

    def __init__(self, recipients: tuple[str, ...]) -> None:
        super().__init__("no channel fits")
        self.recipients = recipients
