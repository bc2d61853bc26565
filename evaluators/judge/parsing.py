"""Reading a judge's reply: lenient about what stands around the verdict, exact about the verdict itself.

A JSON verdict may stand in prose or in a code fence. One that bears the call's mark counts before all others, and one
with a wrong mark never: the judge has quoted it. Verdicts that contradict each other are none.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from core.errors import BenchmarkError
from evaluators.extraction import THINKING_ENDS
from evaluators.judge.settings import JudgeSettings
from evaluators.patterns import TooSlow, compiled, matches

MOST_OBJECTS = 200
"""Opening braces tried in one reply."""
DECODER = json.JSONDecoder(strict=False)


class NoVerdict(BenchmarkError):
    """The reply is no verdict; its text says what is wrong with it."""


class Said(NamedTuple):
    verdict: str
    """One of the settings' `choices`."""
    rationale: str


def read_verdict(reply: str, settings: JudgeSettings, *, mark: str) -> Said:
    """Raises NoVerdict."""
    text = reply.rpartition(THINKING_ENDS)[2]
    if settings.wordings:
        return Said(_worded(text, settings), text.strip())
    said = [_said(found, settings) for found in _marked(list(_objects(text)), mark)]
    if not said:
        raise NoVerdict("The reply has no JSON object with a `verdict`.")
    if len({each.verdict for each in said}) > 1:
        raise NoVerdict("The reply holds verdicts that contradict each other.")
    return said[-1]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects with a verdict, in order."""
    at = text.find("{")
    for _ in range(MOST_OBJECTS):
        if at < 0:
            return
        try:
            found, end = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if "verdict" in found:
                yield found
        at = text.find("{", end)


def _marked(found: list[dict[str, Any]], mark: str) -> list[dict[str, Any]]:
    """Those with the right mark; without any, those that bear none."""
    right = [each for each in found if str(each.get("mark", "")).strip() == mark]
    return right or [each for each in found if "mark" not in each]


def _said(found: dict[str, Any], settings: JudgeSettings) -> Said:
    rationale = found.get("rationale", "")
    return Said(_choice(found["verdict"], settings), rationale if isinstance(rationale, str) else json.dumps(rationale))


def _choice(verdict: object, settings: JudgeSettings) -> str:
    """The choice that was meant. Numbers may be written as text, labels in any case; nothing else is guessed."""
    written = "" if isinstance(verdict, bool) or not isinstance(verdict, str | int | float) else str(verdict).strip()
    if isinstance(verdict, float) and verdict.is_integer():
        written = str(int(verdict))
    for choice in settings.choices:
        if choice.casefold() == written.casefold():
            return choice
    shown = ascii(verdict)[:80]
    raise NoVerdict(f"The verdict {shown} is none of: {', '.join(settings.choices)}.")


def _worded(text: str, settings: JudgeSettings) -> str:
    """The label whose wording stands last, or is listed first, among those that are found."""
    best: tuple[int, str] | None = None
    for wording in settings.wordings:
        try:
            places = [match.start() for match in matches(compiled(wording.pattern), text)]
        except TooSlow as error:
            raise NoVerdict(str(error)) from error
        if places and settings.wording_counts == "listed":
            return wording.label
        if places and (best is None or places[-1] > best[0]):
            best = (places[-1], wording.label)
    if best is None:
        raise NoVerdict("None of the `wordings` is found in the reply.")
    return best[1]
