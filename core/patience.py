"""How long to wait before a call that failed is sent again, wherever we call somebody: agents and judges alike."""

import random

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
"""Pauses between calls double from first to longest, less up to half by chance, unless the agent says how long."""
LONGEST_ASKED_S = 4 * LONGEST_PAUSE_S
"""The most that is waited because somebody asked for it."""
OVERTIME_S = 2.0
"""Adapters keep a call's deadline themselves and say more about it; this long after it we end those that do not."""


def pause_s(call: int, retry_after: float | None) -> float:
    """Seconds to wait after the failure of the `call`-th call, counted from 1."""
    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (call - 1)) * random.uniform(0.5, 1.0)
    return pause if retry_after is None else min(max(pause, retry_after), LONGEST_ASKED_S)
