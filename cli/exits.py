"""How a command ends: its exit code, and the error that is a sentence for the person who typed it."""

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    BELOW = 1
    """The run completed, but did not reach what `--fail-under` asked for, or a gate failed; or the audit log is not
    whole."""
    USAGE = 2
    """What was typed, or what the file says, cannot work."""
    INCONCLUSIVE = 3
    """An interval allows both sides of `--fail-under`, there is no figure to hold against it, or a gate cannot tell."""
    FAILED = 4
    """The run failed or was cancelled; or the agent that was tried gave no answer."""
    SERVER = 5
    """The API or one of its services does not answer, or does not let us in."""
    DETACHED = 130
    """Ctrl-C: the command stopped watching, the run lives on."""


class CommandError(Exception):
    """Ends the command: the text says what was wrong and what would be right."""

    def __init__(self, text: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(text)
        self.code = code
