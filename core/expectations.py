"""From what is counted and recorded to what is expected: the arithmetic of estimates, pure."""

from collections.abc import Iterator, Sequence
from typing import Literal

from core.budgets import Account
from core.estimates import Part, Range, Role, TrackRecord
from core.token_counts import HIGH, LOW

Unit = Literal["dollars", "tokens", "calls"]
UNSEEN: dict[Role, float] = {"agent": 300.0, "judge": 150.0, "embeddings": 0.0}
"""Output tokens that a call is taken to give of somebody who was never asked here."""


def expected_input(counted: float, record: TrackRecord | None) -> Range:
    """Tokens of a call. What the same questions took is better than any count."""
    if record is not None and record.same_questions and record.input_tokens is not None:
        return Range(low=record.input_tokens, expected=record.input_tokens, high=record.input_tokens)
    return Range(low=counted * LOW, expected=counted, high=counted * HIGH)


def expected_output(role: Role, ceiling: float | None, record: TrackRecord | None) -> Range:
    """Tokens of a call: at most what it is limited to, else what the longest answer so far had."""
    if role == "embeddings":
        return Range(low=0, expected=0, high=0)
    seen = record.output_tokens if record is not None else None
    most = ceiling if ceiling is not None or record is None else record.output_most
    expected = UNSEEN[role] if seen is None else seen
    low = 1.0 if record is None or seen is None else record.output_low if record.output_low is not None else seen
    expected = expected if most is None else min(expected, most)
    return Range(low=min(low, expected), expected=expected, high=most)


def summed(ranges: Sequence[Range]) -> Range:
    total = Range(low=0, expected=0, high=0)
    for each in ranges:
        total = total.plus(each)
    return total


def warned(parts: Sequence[Part], accounts: Sequence[Account]) -> Iterator[str]:
    """What of the budgets would stop the run."""
    unknown = sorted({part.name for part in parts if part.price is None})
    for account in accounts:
        budget, spent = account.budget, account.spent
        if budget.max_usd is not None and unknown and budget.unknown_price == "stop":
            yield (
                f"Nobody knows the price of {', '.join(unknown)}: with a budget in dollars the run would pause after "
                "the first answers. Give a `price`, set one (PUT /v1/prices), or say `unknown_price: ignore`."
            )
        tokens = summed([part.input_tokens.plus(part.output_tokens) for part in parts])
        usd = summed([part.usd for part in parts if part.usd is not None])
        capped: tuple[tuple[float | None, float, Range, Unit], ...] = (
            (budget.max_usd, spent.usd, usd, "dollars"),
            (budget.max_tokens, spent.tokens, tokens, "tokens"),
            (budget.max_calls, spent.calls, summed([part.calls for part in parts]), "calls"),
        )
        for cap, used, wanted, unit in capped:
            if cap is not None and (said := _reached(cap - used, wanted)) is not None:
                yield f"The budget of the {account.whose} {said}: {_left(cap - used, wanted, unit)}."


def _reached(left: float, wanted: Range) -> str | None:
    if wanted.expected > left:
        return "does not reach, so the run would pause"
    if wanted.high is None or wanted.high > left:
        return "may be reached, and then the run would pause"
    return None


def _left(left: float, wanted: Range, unit: Unit) -> str:
    most = "without bound" if wanted.high is None else f"at most {_figure(wanted.high, unit)}"
    return f"{_figure(max(left, 0), unit)} left, {_figure(wanted.expected, unit)} expected, {most}"


def _figure(number: float, unit: Unit) -> str:
    return f"${number:,.4f}" if unit == "dollars" else f"{number:,.0f} {unit}"


def assumed(parts: Sequence[Part], *, cases: int, counted: int) -> Iterator[str]:
    """Everything the figures rest on, in sentences."""
    yield "Calls that fail and replies without a verdict are asked again; that is not in the figures."
    if counted < cases:
        yield f"Prompts were counted for {counted:,} of {cases:,} cases, which lie evenly."
    yield (
        "Input tokens are counted without the model's own tokenizer (0.8 to 1.3 of the count), unless the same "
        "questions were asked before; none is taken to come from the provider's cache."
    )
    for part in parts:
        yield from _assumed_of(part)


def _assumed_of(part: Part) -> Iterator[str]:
    record, who = part.record, f"The {part.role} {part.name!r}" if part.role != "embeddings" else part.name
    if part.role != "embeddings":
        if record is None or record.output_tokens is None:
            guess = part.output_tokens.expected / part.calls.expected if part.calls.expected else UNSEEN[part.role]
            most = ", its `max_tokens`," if guess < UNSEEN[part.role] else ""
            yield f"{who} was never asked here: {guess:g} output tokens a call{most} are a guess."
        else:
            yield (
                f"{who} gave {record.output_tokens:,.0f} output tokens a call over {record.answers:,} answers of "
                f"{record.runs} earlier {'run' if record.runs == 1 else 'runs'}."
            )
        if part.output_tokens.high is None:
            yield f"{who} has no `max_tokens`, so nothing bounds its output."
    if part.price is None:
        yield f"The price of {part.name} is not known, which is not the same as free."
    if part.seconds is None:
        yield f"How long {part.name} takes to answer is not known, and not in the duration."
    if part.calls.low < part.calls.expected:
        yield f"{part.name} may be asked less: another verdict, or a decision, may spare it calls."
