"""Which language a text is written in, as IFEval's authors find it: by the library langdetect.

Other detectors are better, but published figures come from this one, and so must ours. It draws random samples of
the text; ours always draws the same.
"""

from functools import cache
from typing import Any

import langdetect  # pyright: ignore[reportMissingTypeStubs]

SEED = 0


def is_in(language: str, text: str) -> bool:
    """Whether the text is in this language; also where nothing in it tells, such as in a row of digits."""
    detector = _factory().create()
    detector.append(text)
    try:
        return str(detector.detect()) == language
    except langdetect.LangDetectException:
        return True


@cache
def _factory() -> Any:
    factory: Any = langdetect.DetectorFactory()
    factory.load_profile(langdetect.PROFILES_DIRECTORY)
    factory.seed = SEED
    return factory
