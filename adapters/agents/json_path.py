"""Where in a JSON answer something is: a JMESPath, in which `choices.0.text` may be written for `choices[0].text`."""

import re
from typing import Any, cast

import jmespath  # pyright: ignore[reportMissingTypeStubs]
from jmespath.exceptions import JMESPathError  # pyright: ignore[reportMissingTypeStubs]

PLACE = re.compile(r"(?:^|\.)(\d+)(?=$|[.\[ |])")


class JsonPath:
    """Compiled once. `find` gives None for what is not there."""

    def __init__(self, text: str) -> None:
        """Raises ValueError, saying what the path should look like."""
        try:
            self._compiled = cast("Any", jmespath.compile(PLACE.sub(r"[\1]", text)))  # pyright: ignore[reportUnknownMemberType]
        except JMESPathError as error:
            raise ValueError(
                f"{text!r} is no path into a JSON answer; write one such as choices.0.message.content"
            ) from error

    def find(self, body: object) -> object:
        try:
            return self._compiled.search(body)
        except (JMESPathError, TypeError, ValueError):
            # A function of the path that does not suit this answer finds nothing in it.
            return None
