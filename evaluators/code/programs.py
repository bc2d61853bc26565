"""From a question that is code and a reply to a program that tests the reply."""

import ast
import re
from functools import lru_cache
from textwrap import dedent
from typing import NamedTuple

from pydantic import Field

from core.plugins import SettingsPart

THINKING_ENDS = "</think>"
FENCED = re.compile(r"(?ms)^[ \t]*```[ \t]*([^\s`]*)[^\n`]*\n(.*?)(?:^[ \t]*```|\Z)")
"""A block whose end is missing goes to the end: the model ran out of tokens, or was stopped there."""
LANGUAGES = frozenset({"", "py", "python", "python3"})
INDENTED = re.compile(r"(?:[ \t]*\n)*[ \t]+\S")
CHECK = re.compile(r"^(def )?check\(", re.MULTILINE)
LONGEST_REPLY = 200_000
"""Characters of a reply; longer ones are no answer to a question for one function."""


class Assembly(SettingsPart):
    """How a program is put together."""

    check: str | None = None
    """A function of the tests that is called with the asked one at the end, as HumanEval's `check`."""
    keep_start: bool = False
    """Put the code that an answer was to continue before an answer that has the whole function, too."""
    prelude: str = Field(default="", max_length=10_000)
    """Code that stands before everything else."""


class Task(NamedTuple):
    """What a case asks for."""

    start: str
    """The code that the answer continues or repeats."""
    entry_point: str | None
    """The function that is asked for."""
    tests: str


def code_of(reply: str, entry_point: str | None, stop: tuple[str, ...] = ()) -> str:
    """The code in a reply: the fenced block with the whole function, else the first block, else all of the reply; if
    that only continues the start, up to the first of `stop`."""
    text = reply.rpartition(THINKING_ENDS)[2].replace("\r\n", "\n")
    found = FENCED.findall(text)
    blocks = [_outdented(block, entry_point) for language, block in found if language.lower() in LANGUAGES]
    if blocks:
        return next((block for block in reversed(blocks) if is_whole(block, entry_point)), blocks[0])
    if is_whole(text, entry_point):
        return text
    cuts = [at for each in stop if (at := text.find(each)) >= 0]
    return text[: min(cuts)] if cuts else text


def _outdented(block: str, entry_point: str | None) -> str:
    """A whole function in a block that is itself indented, as within a list, without that."""
    outdented = dedent(block)
    return outdented if is_whole(outdented, entry_point) else block


def is_whole(code: str, entry_point: str | None) -> bool:
    """Whether the code has the whole function, and not only what follows its first lines: that begins indented."""
    if entry_point is None or INDENTED.match(code):
        return False
    return re.search(rf"^(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(entry_point)}\b", code, re.MULTILINE) is not None


def program_of(task: Task, code: str, assembly: Assembly) -> str:
    """An answer with the whole function stands by itself, or behind the start; anything else continues the start."""
    whole = is_whole(code, task.entry_point)
    start = f"{task.start}\n\n" if whole and assembly.keep_start and is_python(task.start) else ""
    answer = start + code if whole else task.start + code
    call = f"{assembly.check}({task.entry_point})" if assembly.check and task.entry_point else ""
    tests = f"{task.tests}\n\n{call}"
    # Tests in HumanEval's form have a function `check`, which hides what the answer calls so: theirs gets another name.
    tests = CHECK.sub(r"\1check_answer(", tests) if is_whole(code, "check") else tests
    return "\n\n".join(part for part in (assembly.prelude, answer, tests) if part) + "\n"


@lru_cache(maxsize=1024)
def is_python(text: str) -> bool:
    """Whether the text of a dataset is a program by itself."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True
