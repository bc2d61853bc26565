"""Other entry points (API, worker) are not imported here: the command becomes their process."""

import os
import sys
from typing import NoReturn


def become(module: str, *arguments: str, **environment: str | None) -> NoReturn:
    """Replaces this process by `python -m module arguments`; an environment value of None changes nothing."""
    told = {name: value for name, value in environment.items() if value is not None}
    command = [sys.executable, "-m", module, *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, command, os.environ | told)
