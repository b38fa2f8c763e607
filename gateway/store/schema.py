"""The tables, as the code of today wants them; how they came to be is in `migrations`.

No column in clear holds personal data: ids, times, states, rule ids, domains, counts, and keyed
hashes of addresses (hex) to search by. What names anybody is sealed. Times are seconds since the
epoch. The same tables serve SQLite and PostgreSQL.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    true,
)

from gateway.store import history_tables


class State(StrEnum):
    """What became of one recipient's copy."""

    HELD = "held"
    RELEASING = "releasing"  # ordered, waiting in the outbox
    RELEASED = "released"
    REJECTED = "rejected"
    EXPIRED = "expired"

    @property
    def pending(self) -> bool:
        """Still in our care: nothing of it may be erased."""
        return self in PENDING


PENDING = (State.HELD, State.RELEASING)


class Hidden(StrEnum):
    """Why what a held mail says is shown to nobody but its sender; "" in the column where it is."""

    COMPARTMENT = "compartment"  # one whose content is nobody's business
    PERSONAL = "personal"  # its subject marks it as private


class Post(StrEnum):
    """What became of an item of the outbox."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


metadata = MetaData()
_serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers INTEGER keys only

holds = Table(
    "holds",
    metadata,
    Column("id", String(32), primary_key=True),  # the code quoted in replies; ".2" for a second one
    Column("blob", String(32), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("received", Double, nullable=False),
    Column("held", Double, nullable=False),
    Column("door", String, nullable=False),
    Column("queue_id", String, nullable=False),
    Column("message_hash", String(64), nullable=False, server_default=""),  # of its Message-ID
    Column("rule", String, nullable=False),
    Column("compartment", String, nullable=False),
    Column("hidden", String(16), nullable=False, server_default=""),  # a Hidden, or ""
    Column("grave", Boolean, nullable=False),
    Column("rank", Integer, nullable=False, server_default="1000"),  # see `gateway.store.rank`
    Column("waiting", Boolean, nullable=False, server_default=true()),  # a copy is still held
    Column("remind", Double, nullable=False),
    Column("reminded", Double),
    Column("until", Double, nullable=False),
    Column("decided", Double),  # when the last copy left our care
    Column("awaits", String(16), nullable=False, server_default=""),  # see `waits`; "": officers
    Column("sender_domain", String, nullable=False),
    Column("sender_hash", String(64), nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),  # opens `dossier`; the blob, unless:
    Column("content_key", LargeBinary),  # opens it where officers' sign-ins unlock contents
    Column("release_key", LargeBinary),  # the same for `release`, while a copy is on its way
    Column("dossier", LargeBinary, nullable=False),
    Index("holds_by_queue_id", "queue_id"),
    Index("holds_by_message", "message_hash"),
    Index("holds_by_sender", "sender_hash", "rule", "held"),
    Index("holds_by_decision", "decided", "held"),
    Index("holds_by_rank", "waiting", "rank", "held", "id"),
    Index("holds_by_age", "waiting", "held", "id"),
    Index("holds_by_deadline", "waiting", "until", "id"),
    Index("holds_by_rule", "waiting", "rule", "compartment"),
    Index("holds_by_wait", "awaits", "id"),
)

copies = Table(
    "copies",
    metadata,
    Column("hold_id", ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # in the envelope of the dossier
    Column("state", String(16), nullable=False),
    Column("changed", Double, nullable=False),
    Column("domain", String, nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("corrected", LargeBinary),  # the address in place of the dossier's, under the hold's key
    Column("after", String(16), nullable=False, server_default="pass"),  # what follows a wait
    Index("copies_by_address", "address_hash"),
)

waits = Table(  # of holds that wait for their sender, a while or a second reader, then for officers
    "waits",
    metadata,
    Column("hold_id", ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), nullable=False),  # holds.awaits has it as well, while it lasts
    Column("due", Double, nullable=False),
    Column("unanswered", String(16), nullable=False),  # what becomes of it then
    Column("reviewers", String(32), nullable=False),  # a group's name; "" for all of them
    Column("quorum", Integer, nullable=False),
    Column("further", String),  # names of more groups, commas between: each must agree for itself
)

readers = Table(  # second readers of a hold: whom a letter told, what each said of it
    "readers",
    metadata,
    Column("hold_id", ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("told", Double),
    Column("voted", Double),
    Column("agrees", Boolean),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),  # a Letter's, or "release", or "bundled"
    Column("route", String, nullable=False),
    Column("about", String, nullable=False),
    Column("hold_id", String(32)),  # of a release
    Column("positions", String, nullable=False),  # JSON: which recipients are still to be served
    Column("sealed", LargeBinary),  # the Letter; a release has its hold
    Column("created", Double, nullable=False),
    Column("due", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(64)),
    Column("leased_until", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("finished", Double),
    Column("cause", String(64), nullable=False),  # codes of the last reply, without its text
    Column("person", String(64)),  # of a notice: keyed hash of its readers; see `bundles`
    Column("hour", Double),  # when the hour began that it counts in
    Index("outbox_by_due", "state", "due"),
    Index("outbox_by_person", "person", "hour"),
    Index("outbox_by_about", "about"),
)

memory = Table(
    "memory",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("hint", String(64), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the Receipt, under the doors' own key
    Column("expires", Double, nullable=False),
    Index("memory_by_hint", "hint"),
    Index("memory_by_expiry", "expires"),
)

events = Table(  # triggers refuse UPDATE, and DELETE of what is younger than 5 months
    "events",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("kind", String, nullable=False),
    Column("hold_id", String(32)),
    Column("who", String, nullable=False),  # an officer's account name; "" for the gateway
    Column("reason", LargeBinary),  # in the officer's words, sealed
    Column("detail", String, nullable=False),  # counts and codes
    Index("events_by_hold", "hold_id"),
    Index("events_by_kind", "kind", "at"),
)

accounts = Table(  # of the console; names are account names, as in `events.who`
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("roles", String, nullable=False),  # JSON: ["officer"]
    Column("compartments", String, nullable=False),  # JSON; [] is every one
    Column("address_hash", String(64)),  # of the person's own mails: nobody rules on those
    Column("password", String),  # Argon2id, with its parameters; none until the first sign-in
    Column("origin", String(8), nullable=False),  # who tells its roles: "oidc", "ldap"; "": we do
    Column("subject", String(64)),  # hash of whom a provider of identities means by that name
    Column("entered", Double),  # the last sign-in
    Column("entered_by", String(8)),  # its way: "local", "ldap", "oidc", "passkey"
    Column("totp", LargeBinary),  # secret of the second factor, sealed
    Column("totp_used", BigInteger),  # the last step of thirty seconds that was used
    Column("failures", Integer, nullable=False),
    Column("locked_until", Double, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created", Double, nullable=False),
    Column("away_until", Double),
    Column("stand_in", String(64)),  # who reads in place of a second reader who is away
)

invitations = Table(  # links for a first sign-in, or after a forgotten password
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False),
    Column("expires", Double, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created", Double, nullable=False),
    Column("seen", Double, nullable=False),
    Column("agent", String(200), nullable=False),  # the browser's name for itself
    Column("way", String(8), nullable=False),  # by which it was opened, as in accounts.entered_by
    Index("sessions_by_account", "account"),
)

attempts = Table(  # sign-ins and registrations under way: what the browser was asked
    "attempts",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("way", String(8), nullable=False),
    Column("asked", String, nullable=False),  # JSON
    Column("expires", Double, nullable=False),
    Index("attempts_by_expiry", "expires"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id_hash", String(64), primary_key=True),  # SHA-256 of the credential's id
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False),
    Column("credential", LargeBinary, nullable=False),  # its id, as the authenticator made it
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("counter", BigInteger, nullable=False),
    Column("label", LargeBinary, nullable=False),  # what its owner calls it, sealed
    Column("added", Double, nullable=False),
    Column("used", Double),
    Index("passkeys_by_account", "account"),
)

keyrings = Table(  # a pair of each account's own, its private half under a passphrase
    "keyrings",
    metadata,
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), primary_key=True),
    Column("public", LargeBinary, nullable=False),  # X25519
    Column("kdf", String, nullable=False),  # Argon2id, its parameters and salt
    Column("sealed", LargeBinary, nullable=False),
    Column("made", Double, nullable=False),
)

grants = Table(  # of content keys, each sealed to one account's pair
    "grants",
    metadata,
    Column("account", ForeignKey("keyrings.account", ondelete="CASCADE"), primary_key=True),
    Column("key_id", String(16), primary_key=True),
    Column("compartment", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("granted_by", String(64), nullable=False),
    Column("at", Double, nullable=False),
)

tokens = Table(  # of the console's API: keys that a person gave a program
    "tokens",
    metadata,
    Column("id", String(16), primary_key=True),  # as the record names it
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("acts", String, nullable=False),  # JSON: ["see"]
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("used", Double),
    Index("tokens_by_account", "account"),
)

desk = Table(  # who works on what; the history stands in `events`
    "desk",
    metadata,
    Column("hold_id", ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("assigned", String(64)),
    Column("seen", Double),
    Column("second", Boolean, nullable=False, default=False),  # handed to a second reader
    Column("asked", Double),  # when the sender asked for its release
    Column("urged", Double),  # when the sender sent it urgently
    Column("reviewed", Double),  # when an officer looked at that
    Index("desk_by_asked", "asked"),
    Index("desk_by_urged", "urged"),
)

daily = Table(  # figures of each day, without persons; see `gateway.store.figures`
    "daily",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),  # ordinal, local time
    Column("what", String(32), primary_key=True),
    Column("by", String(16), primary_key=True),
    Column("name", String, primary_key=True),
    Column("compartment", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,  # the days of a page stand side by side
)

monitored = Table(  # what rules in monitor mode let out; see `gateway.store.monitored`
    "monitored",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("mail", String(32), nullable=False),
    Column("rule", String, nullable=False),
    Column("compartment", String, nullable=False),
    Column("sender_domain", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("judged", String(16)),
    Index("monitored_by_rule", "rule", "judged"),
    Index("monitored_by_age", "at"),
)

incidents = Table(  # mails that reached somebody else; see `gateway.store.incidents`
    "incidents",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("at", Double, nullable=False),
    Column("last", Double, nullable=False),  # of several reports
    Column("reports", Integer, nullable=False),
    Column("about", String(32), nullable=False),  # the mail's code, where it is known
    Column("compartment", String, nullable=False),
    Column("sender_hash", String(64), nullable=False),  # nobody qualifies his own
    Column("pair", String(64), nullable=False),  # keyed hash of who wrote to whom; "": not kept
    Column("blocked", Double),
    Column("lifted", Double),
    Column("sealed", LargeBinary, nullable=False),  # who wrote to whom
    Column("told", Double),  # when the officers were
    Column("qualified", Double),
    Column("outcome", String(16), nullable=False),
    Column("who", String(64), nullable=False),  # qualified it
    Column("note", LargeBinary),  # in that officer's words, sealed
    Index("incidents_by_pair", "pair"),
    Index("incidents_by_state", "qualified", "id"),
)

permits = Table(  # to read a mail whole where two must agree; the history stands in `events`
    "permits",
    metadata,
    Column("hold_id", ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("account", String(64), primary_key=True),  # who asks
    Column("asked", Double, nullable=False),
    Column("granted_by", String(64)),
    Column("until", Double),
)


for _table in history_tables.metadata.sorted_tables:  # migrated, copied and emptied with the others
    _table.to_metadata(metadata)
