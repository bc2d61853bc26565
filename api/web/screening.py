"""All screens, in the order in which their addresses are tried."""

from typing import Final

from api.web.screens import (
    agents,
    benchmarks,
    compare,
    cost,
    datasets,
    items,
    judges,
    leaderboards,
    overview,
    run,
    runs,
    schedules,
    settings,
    signing_in,
)

SCREENS: Final = (
    overview,
    runs,
    run,
    items,
    compare,
    leaderboards,
    schedules,
    cost,
    benchmarks,
    datasets,
    agents,
    judges,
    settings,
    signing_in,
)
