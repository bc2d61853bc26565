"""What a case expects: one right answer or several, or why nothing can be compared with it."""

import json
from typing import cast

from pydantic import JsonValue

from core.cases import Case
from core.errors import CannotJudge
from core.plugins import SettingsPart


def expected_of(case: Case) -> str:
    """The expected answer. Raises CannotJudge when the case has none."""
    if case.expected is None or not case.expected.strip():
        raise CannotJudge(f"Case {case.id!r} has no expected answer; map one with `fields.expected`.")
    return case.expected


class References(SettingsPart):
    """Where a case keeps its right answers: the expected one alone, unless one of these says more."""

    also_accept: str | None = None
    """A metadata field with further right answers, a list or one text; `answers.text` reaches into an object."""
    expected_list: bool = False
    """Read the expected answer as a JSON list of right answers, which is what a mapped list column becomes."""

    def references(self, case: Case) -> tuple[str, ...]:
        """Every right answer, at least one. Raises CannotJudge when the case has none, or not where it should."""
        if self.also_accept is None and not self.expected_list:
            return (expected_of(case),)
        found = self.listed(case)
        if not found:
            raise CannotJudge(f"Case {case.id!r} has no right answer{self._place()}.")
        return found

    def listed(self, case: Case) -> tuple[str, ...]:
        """Every right answer, if there are any. Raises CannotJudge where the case does not have them as it should."""
        own = _listed(case) if self.expected_list else (case.expected,)
        return tuple(each for each in (*self._others(case), *own) if each and each.strip())

    def _others(self, case: Case) -> tuple[str, ...]:
        if self.also_accept is None:
            return ()
        others = field_of(case, self.also_accept)
        if others is None:
            return ()
        return tuple(map(text_of, others)) if isinstance(others, list) else (text_of(others),)

    def _place(self) -> str:
        return f", neither expected nor in its metadata field {self.also_accept!r}" if self.also_accept else ""


def _listed(case: Case) -> tuple[str, ...]:
    """The answers of an expected answer that is a JSON list."""
    try:
        found: JsonValue = json.loads(case.expected or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise CannotJudge(f"Case {case.id!r} expects {case.expected!r}, which is no JSON list of right answers.")
    return tuple(map(text_of, found))


def field_of(case: Case, path: str) -> JsonValue:
    """The metadata at `path`. Raises CannotJudge when there is no such field, as when its name is mistyped."""
    place: JsonValue = case.metadata
    for name in (path,) if path in case.metadata else path.split("."):
        if not isinstance(place, dict) or name not in place:
            raise CannotJudge(f"Case {case.id!r} has no metadata field {path!r}; keep it with `fields.metadata`.")
        place = cast("dict[str, JsonValue]", place)[name]
    return place


def text_of(value: JsonValue) -> str:
    """A value of the metadata as an answer is written: texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
