"""Asking an evaluator for its verdict: whatever it does, there is one."""

from collections.abc import Awaitable

from core.errors import CannotJudge
from core.verdicts import Scored, Unscored


async def verdict_of(label: str, judging: Awaitable[object]) -> Scored | Unscored:
    """What comes of the evaluation; an evaluator that breaks, or says something else, costs its own verdict only."""
    try:
        verdict = await judging
    except CannotJudge as error:
        return Unscored(reason=str(error))
    except Exception as error:  # noqa: BLE001 - evaluators are other people's code, too
        return Unscored(
            reason=f"The evaluator {label!r} broke: {type(error).__name__}: {error}"[:1000], cause="evaluator"
        )
    if isinstance(verdict, Scored | Unscored):
        return verdict
    what = type(verdict).__name__
    return Unscored(reason=f"The evaluator {label!r} gave a {what}, not a Scored or Unscored.", cause="evaluator")
