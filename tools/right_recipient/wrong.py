"""How mails go astray: each kind takes a mail that was right, and sends it where it should not go.

None looks at what the gateway knows; each is what its name says, whether that can be noticed or
not. A kind that does not suit a mail gives None: a group's mail has no single recipient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from tools.right_recipient.people import OURS, WEBMAIL, House, Person, stranger
from tools.right_recipient.year import Post

LETTER, BY_SOFTWARE = "one letter off", "software's new address"
_KEYS = {"a": "zq", "e": "zr", "i": "uo", "o": "ip", "n": "b", "t": "ry", "s": "qd", "d": "sf"}

# Kind -> how many of a hundred. Nobody has counted them: a mix that leaves none out.
MIX: Mapping[str, int] = {
    "autocompletion": 30,
    LETTER: 25,
    "names swapped or cut": 8,
    "a homonym": 10,
    "a colleague's webmail": 10,
    "left over from a reply": 10,
    BY_SOFTWARE: 7,
}


def wrong(kind: str, post: Post, house: House, rng: Random) -> Post | None:
    if kind == BY_SOFTWARE:
        return _by_software(post, rng) if post.series in _stable(house) else None
    if kind == "left over from a reply":
        return _left_over(post, rng) if len(post.to) > 2 else None
    if post.meant is None:
        return None
    if kind == LETTER:
        return _one_letter(post, house, rng)
    address = _WAYS[kind](post, house, rng)
    if not address or address == post.to[0]:
        return None
    return replace(post, to=(address,), wrong=kind, astray=(address,))


def _stable(house: House) -> frozenset[str]:
    return frozenset(subject for _, subject, _ in house.series)


def _by_software(post: Post, rng: Random) -> Post:
    address = stranger(rng).address
    return replace(post, to=(address,), wrong=BY_SOFTWARE, astray=(address,))


def _left_over(post: Post, rng: Random) -> Post | None:
    """Of an earlier exchange: somebody he knows, who has nothing to do with these."""
    if post.writer is None:
        return None
    extra = rng.choice(post.writer.circle).address
    if extra in post.to:
        return None
    return replace(post, to=(*post.to, extra), wrong="left over from a reply", astray=(extra,))


def _autocompleted(post: Post, house: House, rng: Random) -> str:
    """What the mail program proposes after a few letters: somebody he writes to (half of them), or
    who once wrote to him."""
    if post.writer is None or post.meant is None or not post.meant.first:
        return ""
    begun = (post.meant.first[:2], post.meant.last[:2])
    known = post.writer.circle
    there = known if rng.random() < 0.5 else rng.choice(house.outside) + rng.choice(house.outside)
    fits = [p for p in there if p.address.startswith(begun) and p is not post.meant]
    return rng.choice(fits).address if fits else ""


def _one_letter(post: Post, house: House, rng: Random) -> Post:
    """A slip in what was typed; one time in three, an outsider's address that is one letter from a
    colleague's."""
    near = post.to[0]
    local, _, domain = near.rpartition("@")
    if rng.random() < 1 / 3:
        near = rng.choice(house.writers).person.address
        address = f"{slip(near.partition('@')[0], rng)}@{rng.choice(WEBMAIL)}"
    elif rng.random() < 0.75:
        address = f"{slip(local, rng)}@{domain}"
    else:
        name, _, ending = domain.rpartition(".")
        address = f"{local}@{slip(name, rng)}.{ending}"
    return replace(post, to=(address,), wrong=LETTER, astray=(address,), near=near)


def slip(word: str, rng: Random) -> str:
    """Another word, one letter from this one: never a sign put in or taken out."""
    at = rng.choice([at for at, letter in enumerate(word) if letter.isalpha()])
    letter, ways = word[at], ("drop", "double", "beside", "swap")
    made = {
        "drop": word[:at] + word[at + 1 :],
        "double": word[:at] + letter + word[at:],
        "beside": word[:at] + rng.choice(_KEYS.get(letter, "emr")) + word[at + 1 :],
        "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }[rng.choice(ways)]
    return made if made != word else slip(word, rng)


def _swapped(post: Post, house: House, rng: Random) -> str:
    person = post.meant
    if person is None or not person.first:
        return ""
    local, _, domain = person.address.rpartition("@")
    ways = {f"{person.last}.{person.first}", f"{person.first[0]}.{person.last}"} - {local}
    return f"{rng.choice(sorted(ways))}@{domain}"


def _homonym(post: Post, house: House, rng: Random) -> str:
    """Somebody else of the same name, by a number or at home."""
    person = post.meant
    if person is None or not person.first:
        return ""
    local, _, domain = person.address.rpartition("@")
    if rng.random() < 0.5:
        return f"{local}{rng.randrange(1, 99)}@{domain}"
    return f"{person.first}.{person.last}@{rng.choice(WEBMAIL)}"


def _at_home(post: Post, house: House, rng: Random) -> str:
    """Meant for a colleague: the program offers the mailbox he once wrote from."""
    colleague: Person = rng.choice(house.writers).person
    return colleague.address.replace(f"@{OURS}", f"@{rng.choice(WEBMAIL)}")


_WAYS: Mapping[str, Callable[[Post, House, Random], str]] = {
    "autocompletion": _autocompleted,
    "names swapped or cut": _swapped,
    "a homonym": _homonym,
    "a colleague's webmail": _at_home,
}
