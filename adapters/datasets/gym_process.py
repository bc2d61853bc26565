"""Entries of reasoning-gym tasks that depend on the order of sets: made in a process where that order is fixed.

Python shuffles sets of text in every process (PYTHONHASHSEED); a seed must make the same cases in all of them.
The child reads one request and writes an entry per line; it is this very module, run as a program.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from adapters.datasets.gym import entries, generator
from adapters.datasets.json_text import parsed
from core.errors import InvalidDataset

ORDER_DEPENDENT = frozenset({"isomorphic_strings", "polynomial_multiplication", "ransom_note", "word_ladder"})
"""Found by making entries of every task under two hash seeds."""


def entries_in_order(task: str, *, seed: int, size: int, config: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """As `gym.entries`, the same in every process, as plain JSON. Raises InvalidDataset when the child fails."""
    request = json.dumps({"task": task, "seed": seed, "size": size, "config": dict(config)})
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", __name__, request],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout
        made = 0
        try:
            with closing(child.stdout) as lines:
                for line in lines:
                    made += 1
                    yield parsed(line)
        finally:
            if made < size:
                child.kill()
    if child.returncode != 0 or made != size:
        raise InvalidDataset(f"The task {task!r} made {made} of {size} entries and ended with {child.returncode}.")


def _serve(request: dict[str, Any]) -> None:
    made = generator(request["task"], seed=request["seed"], size=request["size"], config=request["config"])
    for entry in entries(made):
        sys.stdout.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
