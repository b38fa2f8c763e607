"""Who may do what. Every page names its act; what is not allowed here is refused.

A role is a set of acts. Beside roles: compartments (an account sees the held mails of its own, all
of them where it names none), and nobody rules on a mail that he sent himself.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from gateway.model import Disposition
from gateway.store.accounts import Account
from gateway.store.held import Held
from gateway.store.schema import Hidden

RELEASE, ENCRYPTED, REJECT = "release", "encrypted", "reject"  # ways to decide


class Act(StrEnum):
    SIGN_IN = "sign in"  # pages that anybody may open
    BE_SIGNED_IN = "be signed in"  # one's own account
    SEE = "see"  # the queue and a held mail, values masked
    READ = "read"  # the mail itself, with a reason that is kept
    RULE = "rule"  # release and refuse
    ADVISE = "advise"  # comment, take on, hand on
    REVIEW = "review"  # say whether a mail that waits for a second reader may leave
    ACCOUNT_FOR = "account for"  # the record of everything done
    ADMINISTER = "administer"  # accounts
    STUDY = "study"  # the rules, in words and figures; try them
    OPERATE = "operate"  # the health of the system


class Role(StrEnum):
    ADMIN = "admin"
    OFFICER = "officer"
    DEPUTY = "deputy"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"


_EVERYBODY = frozenset({Act.SIGN_IN, Act.BE_SIGNED_IN})
_IN_PERSON = _EVERYBODY | {Act.REVIEW}
ACTS = {
    Role.ADMIN: _EVERYBODY | {Act.ADMINISTER, Act.STUDY, Act.OPERATE},
    Role.OFFICER: _EVERYBODY
    | {Act.SEE, Act.READ, Act.RULE, Act.ADVISE, Act.ACCOUNT_FOR, Act.STUDY},
    Role.DEPUTY: _EVERYBODY | {Act.SEE, Act.READ, Act.RULE, Act.ADVISE, Act.ACCOUNT_FOR, Act.STUDY},
    Role.REVIEWER: _EVERYBODY | {Act.SEE, Act.READ, Act.ADVISE, Act.REVIEW, Act.STUDY},
    Role.AUDITOR: _EVERYBODY | {Act.SEE, Act.ACCOUNT_FOR, Act.STUDY},
}


def may(account: Account | None, act: Act) -> bool:
    if act is Act.SIGN_IN:
        return True
    if account is None or (account.only is not None and act not in account.only):
        return False
    return any(act in ACTS[Role(role)] for role in account.roles)


def lends(account: Account) -> tuple[Act, ...]:
    """What he may have a program do for him."""
    return tuple(act for act in Act if act not in _IN_PERSON and may(account, act))


def reads_alone(account: Account) -> bool:
    """Whether he sees mail for no other reason than that he reads what others wrote."""
    seeing = [role for role in account.roles if Act.SEE in ACTS[Role(role)]]
    return seeing == [Role.REVIEWER]


def sees(account: Account, held: Held) -> bool:
    """Whether a held mail belongs to one of his compartments."""
    return not account.compartments or held.compartment in account.compartments


def may_rule_on(account: Account, held: Held) -> bool:
    """A deputy may once the officers were reminded."""
    due = Role.OFFICER in account.roles or held.reminded is not None
    return may(account, Act.RULE) and sees(account, held) and due and not is_own(account, held)


def is_own(account: Account, held: Held) -> bool:
    return bool(account.address_hash) and account.address_hash == held.sender_hash


def ways(account: Account, held: Held, *, practice: bool = False) -> tuple[str, ...]:
    """What he may decide of it. practice: where one may send what one wrote oneself, save what
    another is to read first.

    Of a mail that is its sender's alone, nothing; of one that a subject marks so, that it does not
    leave: a mark must hide it, and open no way out.
    """
    own = is_own(account, held)
    if practice and own:
        account = replace(account, address_hash="")
    if not may_rule_on(account, held) or held.hidden == Hidden.COMPARTMENT:
        return ()
    if held.awaits == Disposition.REVIEW and own:
        return ()
    return (REJECT,) if held.hidden else (RELEASE, ENCRYPTED, REJECT)
