"""What a case expects, or why nothing can be compared with it."""

from core.cases import Case
from core.errors import CannotJudge


def expected_of(case: Case) -> str:
    """The expected answer. Raises CannotJudge when the case has none."""
    if case.expected is None or not case.expected.strip():
        raise CannotJudge(f"Case {case.id!r} has no expected answer; map one with `fields.expected`.")
    return case.expected


def accepted_by(case: Case, field: str | None) -> tuple[str, ...]:
    """The expected answer and, where `field` names a list in the metadata, every other right one."""
    if field is None:
        return (expected_of(case),)
    others = case.metadata.get(field)
    if not isinstance(others, list) or not others:
        raise CannotJudge(f"Case {case.id!r} has no list of right answers in its metadata field {field!r}.")
    return tuple(str(each) for each in others) + ((case.expected,) if case.expected else ())
