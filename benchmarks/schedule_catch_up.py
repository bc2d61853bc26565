"""What a schedule makes up for, and what it tells to be missed, when Temporal was away for longer than it catches up.

`python -m benchmarks.schedule_catch_up`: a schedule of every 10 seconds that catches up 40; then Temporal is killed and
stays away for `--away` seconds. Every time of the absence has exactly one run, or is told as missed, never both; and
those that are made up for are the last.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from benchmarks.schedule_restarts import RUN, Site, all_of, opened

EVERY_S: Final = 10
CATCH_UP_S: Final = 40
BEFORE_S: Final = 25.0
AFTER_S: Final = 90.0
"""Temporal looks at its schedules again, runs end, and what is missed is told after BENCHMARK_STALL_DEADLINE_S."""


async def trial(folder: Path, *, away_s: float) -> dict[str, Any]:
    async with opened(folder) as site:
        when = {"intervals": [{"every_s": EVERY_S}]}
        body = {"name": "restarts", "run": RUN, "when": when, "overlap": "allow_all", "catch_up_s": CATCH_UP_S}
        await site.post("/v1/schedules", body)
        await asyncio.sleep(BEFORE_S)
        gone = datetime.now(UTC)
        await site.end("temporal", politely=False)
        await asyncio.sleep(away_s)
        back = datetime.now(UTC)
        await site.start("temporal")
        await asyncio.sleep(AFTER_S)
        return await _audited(site, gone, back)


async def _audited(site: Site, gone: datetime, back: datetime) -> dict[str, Any]:
    first = (int(gone.timestamp()) // EVERY_S + 1) * EVERY_S
    times = [datetime.fromtimestamp(each, UTC) for each in range(first, int(back.timestamp()) + 1, EVERY_S)]
    ticks = await all_of(site, "/v1/schedules/restarts/runs?")
    made_up = {moment for each in ticks if (moment := datetime.fromisoformat(each["scheduled_at"])) in times}
    schedule = await site.get("/v1/schedules/restarts")
    missed = [each["data"] for each in await all_of(site, "/v1/events?") if each["type"] == "schedule.missed"]
    edge = back - timedelta(seconds=CATCH_UP_S)
    return {
        "away for, s": round((back - gone).total_seconds(), 1),
        "times meanwhile": len(times),
        "made up for": len(made_up),
        "of these older than the catch-up window": sum(each < edge for each in made_up),
        "completed": sum(each["run_status"] == "completed" for each in ticks),
        "missed, as Temporal counts": schedule["missed"],
        "missed, as told by events": missed,
        "without run or word": len(times) - len(made_up) - schedule["missed"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--away", type=float, default=120.0, help="Seconds for which Temporal is away.")
    told = parser.parse_args()
    console = Console(highlight=False)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The database server may run as another user.
        folder.chmod(0o755)
        found = asyncio.run(trial(folder, away_s=told.away))
    for name, value in found.items():
        console.print(f"{name:<42} {value}", soft_wrap=True)
    console.print(f"{'took, s':<42} {time.monotonic() - began:.0f}")
    sys.exit(bool(found["without run or word"]))


if __name__ == "__main__":
    main()
