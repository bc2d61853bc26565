"""Files that a configuration names: found beside it or by their whole path, and read as text."""

from pathlib import Path
from typing import Any, Final

import yaml

from core.errors import InvalidInput

FILE: Final = "file://"


def files_named(told: str, folder: Path) -> list[Path]:
    """Those that `file://NAME` or a pattern of names means, in the order of their names; none where there are none.
    Raises InvalidInput for what is no pattern."""
    name = told.removeprefix(FILE)
    if not name or "://" in name:
        return []
    root = Path(name).anchor
    try:
        found = (Path(root) if root else folder).glob(name.removeprefix(root))
        return sorted(path for path in found if path.is_file())
    except (ValueError, NotImplementedError, OSError) as error:
        raise InvalidInput(f"{told!r} is no name of files: {error}.") from error


def text_in(path: Path) -> str:
    """Raises InvalidInput for what is no UTF-8 text."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is no text in UTF-8: byte {error.start:,} cannot be read.") from error


def yaml_in(path: Path) -> Any:
    """YAML, or JSON, which is YAML too. Raises InvalidInput."""
    try:
        return yaml.safe_load(text_in(path))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{path} is no readable YAML or JSON: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
