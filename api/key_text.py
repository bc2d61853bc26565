"""The text of an API key: `abk_<id>_<secret><checksum>`, 256 bits by chance and a CRC-32, in hexadecimal digits.

The id finds the key's record, the checksum lets scanners for lost secrets (and us) tell a key from a text that looks
like one, and only the SHA-256 of the whole is kept: there is nothing to guess where every secret is 256 random bits.
"""

import hashlib
import re
import secrets
import zlib
from typing import Final

from core.api_keys import prefix_of

SECRET_BYTES: Final = 32
FORM: Final = re.compile(r"(abk_([0-7][0-9a-hjkmnp-tv-z]{25})_[0-9a-f]{64})([0-9a-f]{8})")


def new_key(api_key_id: str) -> str:
    """A key that bears this id."""
    body = f"{prefix_of(api_key_id)}{secrets.token_hex(SECRET_BYTES)}"
    return f"{body}{_checksum(body)}"


def id_in(key: str) -> str | None:
    """The id that a key bears; None for one that is not whole."""
    found = FORM.fullmatch(key)
    return f"apikey_{found[2]}" if found and _checksum(found[1]) == found[3] else None


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
