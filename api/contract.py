"""The API's promise as a file, so that a change of it shows in review: `python -m api.contract` writes it anew."""

import sys
from pathlib import Path
from typing import Any, Final

import orjson

from api.app import create_app
from api.description import described
from core.settings import Settings

FILE: Final = Path(__file__).with_name("openapi.json")


def contract() -> dict[str, Any]:
    """The description of this code, without the recorded examples, which promise nothing."""
    return described(create_app(Settings()))


def main(arguments: list[str]) -> None:
    """Writes to the file named, or to the one of this code."""
    target = Path(arguments[0]) if arguments else FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(orjson.dumps(contract(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main(sys.argv[1:])
