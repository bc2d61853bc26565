"""The evaluator `ifeval`: whether the reply follows all its verifiable instructions.

Zhou et al., Instruction-Following Evaluation for Large Language Models, arXiv:2311.07911 (2023). Its mean over the
cases is the paper's prompt-level accuracy in the mode that is set; all four of its figures, by prompt and by
instruction, strict and loose, stand beside the mean.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import JsonValue

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import COUNTS, Counted, Counts, Scored
from evaluators.extraction import Extraction
from evaluators.instructions.arguments import Arguments
from evaluators.instructions.languages import is_in
from evaluators.instructions.rules import Mode, follows
from evaluators.instructions.sentences import count_sentences


class IFEvalSettings(PluginSettings):
    mode: Mode = "strict"
    """`loose` also accepts what is right without markdown emphasis, first line or last line."""
    score: Literal["all", "share"] = "all"
    """1 for a reply that follows all instructions and else 0, or the share that it follows."""
    instructions: str = "instruction_id_list"
    """The metadata field with the list of instructions' names."""
    arguments: str = "kwargs"
    """The metadata field with the list of their arguments, an object for each."""
    drop_thinking: bool = True
    """Ignore everything up to the last `</think>`."""


class IFEval:
    def __init__(self, settings: IFEvalSettings) -> None:
        self._settings = settings
        self._whole = Extraction(drop_thinking=settings.drop_thinking, drop_emphasis=False)

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        return self._judged(self._instructions(case), self._answer(reply.text))

    def prepare(self) -> None:
        """Loads the profiles of languages and the model of sentences: a third of a second."""
        is_in("en", "This is English.")
        count_sentences("One. Two.")

    def _answer(self, reply: str) -> str:
        answer = self._whole.prepared(reply)
        return answer if len(answer) == len(reply) else answer.lstrip()

    def _judged(self, instructions: Sequence[Arguments], answer: str) -> Scored:
        strict = [follows(answer, each, "strict") for each in instructions]
        # What is followed strictly is followed loosely.
        loose = [well or follows(answer, each, "loose") for each, well in zip(instructions, strict, strict=True)]
        followed = list[JsonValue](strict if self._settings.mode == "strict" else loose)
        missed = [each.instruction for each, well in zip(instructions, followed, strict=True) if not well]
        count = len(instructions) - len(missed)
        return Scored(
            value=count / len(instructions) if self._settings.score == "share" else float(not missed),
            reason=f"not followed: {', '.join(missed)}" if missed else None,
            details={
                "instructions": [each.instruction for each in instructions],
                "followed": followed,
                "followed_count": count,
                "instruction_count": len(instructions),
                COUNTS: _counts(strict, loose),
            },
        )

    def _instructions(self, case: Case) -> list[Arguments]:
        names = case.metadata.get(self._settings.instructions)
        given = case.metadata.get(self._settings.arguments)
        if not isinstance(names, list) or not names or not isinstance(given, list) or len(names) != len(given):
            raise CannotJudge(
                f"Case {case.id!r} needs a list of instructions in its metadata field {self._settings.instructions!r} "
                f"and an object of arguments for each of them in {self._settings.arguments!r}."
            )
        return [
            Arguments(str(name), each if isinstance(each, dict) else {})
            for name, each in zip(names, given, strict=True)
        ]


def _counts(strict: Sequence[bool], loose: Sequence[bool]) -> dict[str, JsonValue]:
    return {
        "instructions": len(strict),
        "prompts_strict": int(all(strict)),
        "prompts_loose": int(all(loose)),
        "instructions_strict": sum(strict),
        "instructions_loose": sum(loose),
    }


def figures(settings: IFEvalSettings, counts: Counts) -> dict[str, Counted]:
    """The four figures of the paper's section 2.2, whatever the mode."""
    return {
        f"{level}_{mode}": Counted(counts[f"{level}s_{mode}"] / total, total)
        for level, total in (("prompt", counts["answers"]), ("instruction", counts["instructions"]))
        for mode in ("strict", "loose")
    }


plugin = Plugin(
    IFEvalSettings,
    IFEval,
    version="1",
    summary="The reply follows its verifiable instructions (IFEval).",
    figures=figures,
)
