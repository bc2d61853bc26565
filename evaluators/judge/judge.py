"""The evaluator `judge`: language models judge what rules cannot."""

import asyncio
from collections.abc import Iterator
from itertools import product

from pydantic import JsonValue

from core.cases import Case, Question, Reply
from core.plugins import Plugin
from core.ports import EvaluatorContext
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Spent, Unscored
from evaluators.judge.asked import asked_by
from evaluators.judge.asking import Judge
from evaluators.judge.ballots import Ballot, Count, Order, Vote, counted, of_pair, votes_of
from evaluators.judge.identity import meaning_of
from evaluators.judge.parsing import NoVerdict, read_verdict
from evaluators.judge.prompt import PROMPT_VERSION, JudgePrompt
from evaluators.judge.settings import JudgeSettings

MOST_RAW = 20_000
"""Characters kept of a judge's reply."""


class JudgePanel:
    def __init__(self, settings: JudgeSettings, context: EvaluatorContext) -> None:
        self._settings = settings
        self._prompt = JudgePrompt(settings)
        self._judges = [Judge(spec, context.agents) for spec in settings.judges]
        self._orders: tuple[Order, ...] = (
            ("as_given", "swapped") if settings.mode == "pairwise" and settings.swap else ("as_given",)
        )

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        if (decided := self._decided(earlier)) is not None:
            return decided
        texts = self._prompt.texts(case, reply)
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(self._ballot(judge, case, texts, repeat, order))
                for judge, repeat, order in product(self._judges, range(self._settings.repeats), self._orders)
            ]
        return self._verdict([task.result() for task in asked])

    def _decided(self, earlier: Earlier) -> Scored | None:
        """The verdict of the rule that is heard first, if it stands."""
        verdict = earlier.get(self._settings.after) if self._settings.after is not None else None
        if not isinstance(verdict, Scored) or (self._settings.when == "not_right" and verdict.value < 1):
            return None
        reason = f"{self._settings.after!r} decided; no judge was asked."
        return verdict.model_copy(update={"reason": reason, "details": {"decided_by": self._settings.after}})

    async def _ballot(self, judge: Judge, case: Case, texts: dict[str, str], repeat: int, order: Order) -> Ballot:
        """Asks until there is a verdict, the tries are used up or the judge is away."""
        ballot = Ballot(judge=judge.name, repeat=repeat, order=order, verdict=None, tries=0, spent=Spent())
        while ballot.verdict is None and ballot.tries < self._settings.tries and not ballot.away:
            messages, mark = self._prompt.messages(texts, swapped=order == "swapped")
            question = Question(case_id=case.id, messages=messages, trial=repeat, reply_schema=self._prompt.schema)
            heard = await judge.ask(question)
            ballot = ballot.model_copy(
                update={
                    "tries": ballot.tries + 1,
                    "spent": ballot.spent.plus(heard.spent),
                    "trouble": heard.trouble,
                    "away": heard.away,
                }
            )
            if heard.reply is not None:
                ballot = self._read(ballot, heard.reply, mark)
        return ballot

    def _read(self, ballot: Ballot, reply: Reply, mark: str) -> Ballot:
        kept: dict[str, object] = {"raw": reply.text[:MOST_RAW], "model": reply.model}
        try:
            said = read_verdict(reply.text, self._settings, mark=mark)
        except NoVerdict as error:
            return ballot.model_copy(update=kept | {"trouble": str(error)})
        verdict = of_pair(said.verdict, ballot.order) if self._settings.mode == "pairwise" else said.verdict
        return ballot.model_copy(update=kept | {"verdict": verdict, "rationale": said.rationale[:MOST_RAW]})

    def _verdict(self, ballots: list[Ballot]) -> Scored | Unscored:
        votes = votes_of(ballots, self._settings)
        count = counted(votes, self._settings)
        details = _details(ballots, votes, count, self._prompt)
        spent = Spent()
        for ballot in ballots:
            spent = spent.plus(ballot.spent)
        if count.value is not None:
            reason = next((each.rationale for each in ballots if each.verdict == count.label and each.rationale), None)
            return Scored(value=count.value, answer=count.label, reason=reason, details=details, spent=spent)
        reason = " ".join(self._why_not(count, ballots))
        if count.missing and count.votes + count.missing >= self._settings.votes_needed:
            return Unscored(reason=reason, cause="judge", details=details, spent=spent)
        return Unscored(reason=reason, cause="undecided", details=details, spent=spent)

    def _why_not(self, count: Count, ballots: list[Ballot]) -> Iterator[str]:
        needed = self._settings.votes_needed
        if count.votes >= needed:
            yield "The judges do not agree: no verdict has more votes than every other."
            return
        yield f"{count.votes} of {self._settings.votes_asked} votes, {needed} needed; {count.abstained} abstained."
        if trouble := next((ballot.trouble for ballot in ballots if ballot.verdict is None and ballot.trouble), None):
            yield trouble


def _details(ballots: list[Ballot], votes: list[Vote], count: Count, prompt: JudgePrompt) -> dict[str, JsonValue]:
    return {
        "votes": count.votes,
        "abstained": count.abstained,
        "missing": count.missing,
        "flipped": sum(vote.flipped for vote in votes),
        "prompt": prompt.digest,
        "ballots": [ballot.model_dump(mode="json") for ballot in ballots],
    }


def _waits_for(settings: JudgeSettings) -> tuple[str, ...]:
    return () if settings.after is None else (settings.after,)


def _at_once(settings: JudgeSettings) -> int:
    """As many answers as keep every judge's places busy, and one more that is about to have its turn."""
    orders = 2 if settings.mode == "pairwise" and settings.swap else 1
    return max(-(-judge.concurrency // (settings.repeats * orders)) for judge in settings.judges) + 1


plugin = Plugin(
    JudgeSettings,
    JudgePanel,
    version=f"1.{PROMPT_VERSION}",
    summary="Language models judge by a rubric, against a reference or against another text.",
    connected=True,
    waits_for=_waits_for,
    meaning=meaning_of,
    at_once=_at_once,
    asks=asked_by,
)
