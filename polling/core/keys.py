"""Every HMAC in one place: participants' secrets, voter keys, receipts, join codes, links and passes.

All come from the server's secret, which lives outside the database (settings.py). Each purpose has a
key of its own, so that nothing made for one can serve another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 signs that can't be taken for one another: no 0, O, 1, I, L."""
CODE_LENGTH = 6


def _mac(key: bytes, *parts: str | bytes) -> bytes:
    """HMAC-SHA-256 over length-prefixed parts, so that ("ab", "c") and ("a", "bc") differ."""
    mac = _keyed(key).copy()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        mac.update(len(raw).to_bytes(4, "big") + raw)
    return mac.digest()


@lru_cache(maxsize=1024)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod=hashlib.sha256)


@lru_cache(maxsize=1024)
def _kept_mac(key: bytes, *parts: str | bytes) -> bytes:
    """The same, for keys that are needed with every vote."""
    return _mac(key, *parts)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


@dataclass(frozen=True)
class Keys:
    """The keys that follow from the server's secret (32 bytes or more)."""

    secret: bytes

    def __repr__(self) -> str:  # a secret in a traceback is a secret in a log
        return "Keys(…)"

    def _key(self, purpose: str) -> bytes:
        return _kept_mac(self.secret, "polling", purpose)

    def fingerprint(self) -> str:
        """Kept with each event: a start with another secret is refused, since every phone could vote twice."""
        return _mac(self._key("fingerprint")).hex()[:16]

    # participants

    def new_participant(self, chance: bytes) -> str:
        """The secret that a phone keeps in its cookie; authentic by itself, so that nothing is stored here.
        `chance`: 16 random bytes."""
        return _text(chance + _mac(self._key("participant"), chance)[:16])

    def participant(self, cookie: str) -> bytes | None:
        """The phone's secret from its cookie, or None if this server did not make it."""
        raw = _raw(cookie)
        if len(raw) != 32:
            return None
        expected = _mac(self._key("participant"), raw[:16])[:16]
        return raw[:16] if hmac.compare_digest(raw[16:], expected) else None

    def voter_key(self, nonce: bytes, participant: bytes) -> bytes:
        """Names a participant within one poll and nowhere else."""
        return _mac(_kept_mac(self._key("poll"), nonce), participant)[:16]

    def idea_key(self, nonce: bytes, participant: bytes) -> bytes:
        """As `voter_key`, for the poll's texts: the two can't be matched without the server's secret."""
        return _mac(_kept_mac(self._key("idea"), nonce), participant)[:16]

    # signing

    def claim(self, nonce: bytes, participant: bytes, cell: str) -> str:
        """The claim of a text whose phone could draw none (without JavaScript, or on plain http). The same each
        time, so that an answer sent again after a lost acknowledgement can still be signed."""
        return _text(_mac(_mac(self._key("claim"), nonce), participant, cell)[:16])

    def receipt(self, nonce: bytes, cell: str) -> str:
        """Proves that someone chose `cell` in the poll with this nonce; the same for all who did."""
        return _text(_kept_mac(self._key("receipt"), nonce, cell)[:16])

    def is_receipt(self, receipt: str, nonce: bytes, cell: str) -> bool:
        """Whether `receipt` is the one for `cell`."""
        return hmac.compare_digest(receipt.encode(), self.receipt(nonce, cell).encode())

    # segments

    def label(self, event: str, segment: str, option: str) -> str:
        """The receipt for a label: that someone chose `option` in the segment question (`set/question`) of an event;
        the same for all who did, in all its rooms and rounds."""
        return _text(_kept_mac(self._key("label"), event, segment, option)[:16])

    def is_label(self, receipt: str, event: str, segment: str, option: str) -> bool:
        """Whether `receipt` is the one for that label."""
        return hmac.compare_digest(receipt.encode(), self.label(event, segment, option).encode())

    # the way in

    def join_code(self, event: str, session: str, attempt: int = 0) -> str:
        """Six signs for a session, or for the event where `session` is empty. `attempt` counts up past a
        code that another session has (see `join_codes`)."""
        number = int.from_bytes(_mac(self._key("code"), event, session, str(attempt))[:8], "big")
        signs = []
        for _ in range(CODE_LENGTH):
            number, sign = divmod(number, len(CODE_ALPHABET))
            signs.append(CODE_ALPHABET[sign])
        return "".join(signs)

    def link_key(self, role: str, event: str, session: str, number: int = 0, generation: int = 1) -> str:
        """The 256-bit secret in the fragment of a role's link; derived, so that it can be printed again. `number` 0 is
        the role's own link, others have a name; a raised `generation` makes another key (core/links.py)."""
        return _text(_mac(self._key("link"), role, event, session, str(number), str(generation)))

    def is_link_key(self, key: str, role: str, event: str, session: str, number: int = 0, generation: int = 1) -> bool:
        """Whether `key` is that of this link."""
        return hmac.compare_digest(key.encode(), self.link_key(role, event, session, number, generation).encode())

    def new_pass(self, role: str, event: str, session: str, number: int = 0, generation: int = 1) -> str:
        """The cookie that a link is exchanged for. It says which one, so that it ends with its link."""
        link = number.to_bytes(2, "big") + generation.to_bytes(2, "big")
        return _text(link + _mac(self._key("pass"), role, event, session, link))

    def pass_of(self, cookie: str, role: str, event: str, session: str) -> tuple[int, int] | None:
        """Number and generation of the link that a pass for the role's pages was given for; None: it is no pass."""
        raw = _raw(cookie)
        expected = _mac(self._key("pass"), role, event, session, raw[:4])
        if not hmac.compare_digest(raw[4:], expected):
            return None
        return int.from_bytes(raw[:2], "big"), int.from_bytes(raw[2:4], "big")


def join_codes(keys: Keys, event: str, sessions: list[str], taken: set[str]) -> dict[str, str]:
    """Session → join code ("" for the event's own), each different from the others and from `taken`."""
    codes: dict[str, str] = {}
    for session in ["", *sessions]:
        attempt = 0
        while (code := keys.join_code(event, session, attempt)) in taken:
            attempt += 1
        taken.add(code)
        codes[session] = code
    return codes


def normal_code(typed: str) -> str:
    """A code as people type it (spaces, small letters, dashes) in its one form."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def claim_hash(claim: str) -> bytes:
    """What is stored of a claim: SHA-256 of its text form (base64url of 16 random bytes, without padding)."""
    return hashlib.sha256(claim.encode()).digest()


def key_hash(key: str) -> bytes:
    """What is stored of a private link's key."""
    return hashlib.sha256(b"private link:" + key.encode()).digest()


def new_key(chance: bytes) -> str:
    """A claim or a private link's key, from 16 random bytes."""
    return _text(chance)
