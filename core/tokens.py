"""Tokens per minute: how many calls the tokens that are left allow, by what calls took lately.

A call is charged what calls take on average when it may begin, and the difference when it has ended.
"""

from core.model import Model

SPARE_S = 6.0
"""Of the allowed rate, so much may be saved up: a tenth of a minute."""
WEIGHT = 0.05
"""How much one call tells about the next ones."""
FIRST_GUESS = 500.0
"""Tokens of a call, while none is known."""


class Spending(Model):
    level: float = 0.0
    """Tokens left; below 0 when calls took more than was thought."""
    filled_at: float | None = None
    tokens_per_call: float = FIRST_GUESS
    known: bool = False


def charged(spending: Spending, calls: float) -> Spending:
    """So many calls may begin; a negative number gives back."""
    return spending.model_copy(update={"level": spending.level - calls * spending.tokens_per_call})


def spent(spending: Spending, *, tokens: int, calls: int) -> Spending:
    """After these calls ended, which took so many tokens in all."""
    if not calls:
        return spending
    guess, mean = spending.tokens_per_call, tokens / calls
    weight = 1 - (1 - WEIGHT) ** calls if spending.known else 1.0
    told = {"tokens_per_call": max(guess + weight * (mean - guess), 1.0), "known": True}
    return spending.model_copy(update={"level": spending.level - (tokens - calls * guess)} | told)


def saved(spending: Spending, per_minute: float, now: float) -> Spending:
    """With what has come in since, at most `SPARE_S` of it."""
    per_s = per_minute / 60
    if spending.filled_at is None:
        return spending.model_copy(update={"level": per_s * SPARE_S, "filled_at": now})
    level = min(spending.level + per_s * max(now - spending.filled_at, 0.0), per_s * SPARE_S)
    return spending.model_copy(update={"level": level, "filled_at": now})


def affordable(spending: Spending) -> float:
    """Calls that may begin now. As long as anything is left one may, however large it is."""
    return max(spending.level / spending.tokens_per_call, 1.0) if spending.level > 0 else 0.0
