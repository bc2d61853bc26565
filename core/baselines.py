"""What the finished runs of a schedule or a benchmark are held against."""

from typing import Annotated, Literal

from pydantic import Field

from core.ids import RunId
from core.model import Model

Guarding = Literal["each_run", "series"]
"""each_run: of runs that are no worse, 5 % at most raise an alarm. series: over a whole life of looks, 5 % at most do;
the n-th look gets 6/(pi n)^2 of the error, so that any number of looks stays below it."""


class Watching(Model):
    error: float = Field(default=0.05, gt=0, le=0.5)
    """The chance of a false alarm, at most."""
    guards: Guarding = "each_run"


class FixedRun(Watching):
    """Always the same run."""

    kind: Literal["run"] = "run"
    run_id: RunId


class LastGood(Watching):
    """The last finished run before it in which no regression was found."""

    kind: Literal["last_good"] = "last_good"


class Rolling(Watching):
    """The median, case by case, of the last finished runs before it in which no regression was found."""

    kind: Literal["rolling"] = "rolling"
    runs: int = Field(default=5, ge=2, le=50)


Baseline = Annotated[FixedRun | LastGood | Rolling, Field(discriminator="kind")]
