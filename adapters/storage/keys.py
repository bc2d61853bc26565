"""Which keys a blob may have: the same ones in a directory and in a bucket."""

import re

from core.errors import InvalidInput

LONGEST = 512
_SEGMENT = re.compile(r"[A-Za-z0-9_=@+][A-Za-z0-9_.=@+-]{0,199}")


def checked(key: str) -> str:
    """The key. Raises InvalidInput for one that could leave its folder or cannot be a file name everywhere."""
    if len(key) > LONGEST or not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise InvalidInput(
            f"{key[:80]!r} cannot be a storage key; a key is at most {LONGEST} characters of parts joined by '/', "
            "each of letters, digits and _.=@+- and not starting with a dot or dash."
        )
    return key
