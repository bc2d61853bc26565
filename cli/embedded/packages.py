"""Where the files of an installed package lie, found without running any of its code."""

from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from cli.embedded.errors import NotInstalled


@cache
def packaged_file(package: str, name: str, *, extra: str) -> Path:
    """The file of the distribution whose path ends in `name`. Raises NotInstalled, naming the extra that brings it."""
    try:
        listed = files(package) or []
    except PackageNotFoundError as error:
        raise NotInstalled(f"The package {package} is not installed; install {extra}.") from error
    for entry in listed:
        path = Path(str(entry.locate()))
        if path.match(name) and path.exists():
            return path.resolve()
    raise NotInstalled(f"The installed package {package} has no file {name}; install {extra} again.")
