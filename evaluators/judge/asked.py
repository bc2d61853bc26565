"""Whom a judge's settings would have asked about one answer, before there is any."""

from collections.abc import Sequence

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Asked
from evaluators.judge.prompt import JudgePrompt
from evaluators.judge.settings import JudgeSettings


def asked_by(settings: JudgeSettings, case: Case) -> Sequence[Asked]:
    """Nobody about a case that lacks what the judge is to be shown."""
    prompt = JudgePrompt(settings)
    try:
        messages, _ = prompt.messages(prompt.texts(case, Reply(text="")))
    except CannotJudge:
        return ()
    orders = 2 if settings.mode == "pairwise" and settings.swap else 1
    return [
        Asked(
            spec=judge,
            texts=tuple(message.content for message in messages),
            calls=settings.repeats * orders,
            surely=settings.after is None,
        )
        for judge in settings.judges
    ]
