"""From what is counted and recorded to what is expected: the arithmetic of estimates, pure."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

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
    # What holds of several is said once, of all of them.
    about: dict[Caveat, list[Part]] = {}
    for part in parts:
        for caveat in _caveats_of(part):
            about.setdefault(caveat, []).append(part)
    for caveat, whom in about.items():
        yield caveat.of(whom)


class Caveat(NamedTuple):
    """A sentence with `{who}` (The agent 'a') or `{names}`, as it is said of one and of several."""

    one: str
    several: str
    role: str = ""

    def of(self, parts: Sequence[Part]) -> str:
        names = list(dict.fromkeys(part.name for part in parts))
        several = len(names) > 1
        who = f"The {self.role}{'s' if several else ''} {', '.join(map(repr, names))}"
        return (self.several if several else self.one).format(who=who, names=", ".join(names))


def _caveats_of(part: Part) -> Iterator[Caveat]:
    record, role = part.record, part.role
    if role != "embeddings":
        if record is None or record.output_tokens is None:
            guess = part.output_tokens.expected / part.calls.expected if part.calls.expected else UNSEEN[role]
            most = guess < UNSEEN[role]
            said = f"never asked here: {guess:g} output tokens a call"
            one, several = (", its `max_tokens`,", ", their `max_tokens`,") if most else ("", "")
            better = "a run of some twenty cases (`limit: 20`) would let the next estimate know"
            yield Caveat(
                f"{{who}} was {said}{one} are a guess; {better}.",
                f"{{who}} were {said}{several} are a guess; {better}.",
                role,
            )
        else:
            said = (
                f"{{who}} gave {record.output_tokens:,.0f} output tokens a call over {record.answers:,} answers of "
                f"{record.runs} earlier {'run' if record.runs == 1 else 'runs'}"
            )
            yield Caveat(f"{said}.", f"{said} each.", role)
        if part.output_tokens.high is None:
            yield Caveat(
                "{who} has no `max_tokens`, so nothing bounds its output.",
                "{who} have no `max_tokens`, so nothing bounds their output.",
                role,
            )
    if part.price is None:
        said = "The price of {names} is not known, which is not the same as free."
        yield Caveat(said, said)
    if part.seconds is None:
        said = "to answer is not known, and not in the duration."
        yield Caveat(f"How long {{names}} takes {said}", f"How long {{names}} take {said}")
    if part.calls.low < part.calls.expected:
        said = "{names} may be asked less: another verdict, or a decision, may spare"
        yield Caveat(f"{said} it calls.", f"{said} them calls.")
