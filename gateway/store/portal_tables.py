"""The portal's own tables, in a database of its own or under a role of its own: the process that
strangers talk to has nothing of the quarantine's within reach.

No column in clear holds personal data: ids derived from tokens that stand in mails alone, times,
counts. Times are seconds since the epoch. Made by whoever comes first; a version of tables that
this code does not know is refused. A table that is missing is made: older nodes beside do not mind.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import Misconfigured
from gateway.store import migrate

VERSION = 1
metadata = MetaData()
_serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers INTEGER keys only

version = Table("portal_version", metadata, Column("version", Integer, primary_key=True))

parcels = Table(
    "portal_parcels",
    metadata,
    Column("id", String(32), primary_key=True),  # derived from the link
    Column("own", String(32), nullable=False, unique=True),  # derived from the sender's token
    Column("about", String(32), nullable=False),  # the mail's code, "8VNC-R2PF"
    Column("compartment", String, nullable=False),
    Column("blob", String(32), nullable=False),  # several parcels of one mail have the same
    Column("made", Double, nullable=False),
    Column("until", Double, nullable=False),
    Column("sent", Double),  # when the mail with the link was taken by the next hop
    Column("opened", Double),  # for the first time
    Column("reminded", Double),
    Column("closed", Double),
    Column("how", String(16), nullable=False),  # a `parcels.End`, or "" while it is open
    Column("sealed_key", LargeBinary),  # of the blob, under the link; gone once closed
    Column("for_sender", LargeBinary, nullable=False),  # under his token
    Column("parties", LargeBinary, nullable=False),  # under the officers' key
    Column("phone", LargeBinary),  # under a key that link and token both open
    Column("code", String(64)),  # keyed hash; None: there is none to try
    Column("code_until", Double),
    Column("wrong", Integer, nullable=False),  # codes tried in vain, in all
    Column("shut_until", Double, nullable=False),
    Column("codes", Integer, nullable=False),  # asked for
    Column("asked", Double, nullable=False),  # when the last one was
    Column("replies", Integer, nullable=False),
    Index("portal_parcels_by_until", "how", "until"),
    Index("portal_parcels_by_about", "about"),
    Index("portal_parcels_by_blob", "blob"),
)

sessions = Table(
    "portal_sessions",
    metadata,
    Column("id", String(32), primary_key=True),  # derived from the cookie
    Column("parcel", ForeignKey("portal_parcels.id", ondelete="CASCADE"), nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),  # of the blob, under the cookie
    Column("ends", Double, nullable=False),
    Index("portal_sessions_by_end", "ends"),
)

news = Table(  # what the release process is to tell, and does not know yet
    "portal_news",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("about", String(32), nullable=False),
    Column("compartment", String, nullable=False),
    Column("parties", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),  # a code, an answer: under the officers' key
)


passkeys = Table(  # public halves
    "portal_passkeys",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of the credential
    Column("box", String(32), nullable=False),  # derived from the token of the box
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("added", Double, nullable=False),
    Column("used", Double),
    Index("portal_passkeys_by_box", "box"),
)

challenges = Table(  # that a browser is to answer
    "portal_challenges",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of the challenge
    Column("place", String(64), nullable=False),  # where and for what it was asked
    Column("ends", Double, nullable=False),
    Index("portal_challenges_by_place", "place"),
    Index("portal_challenges_by_end", "ends"),
)


def prepare(engine: Engine) -> None:
    """Make the tables where there are none."""
    try:
        with migrate.alone(engine) as connection:
            known = inspect(connection).has_table(version.name)
            if known and connection.execute(select(version.c.version)).scalar() != VERSION:
                raise Misconfigured("portal.database: made by another version of the gateway")
            metadata.create_all(connection)
            if not known:
                connection.execute(version.insert(), {"version": VERSION})
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        raise Misconfigured(f"portal.database: {reason}") from error
