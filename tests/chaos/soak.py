"""A soak: hours of faults by a seed, and a report. `make soak SEED=7 MINUTES=60`, or `python -m tests.chaos.soak`.

Prints the report as Markdown and writes it as JSON beside the logs, after every act; exits with 1 if anything was not
as promised. Ctrl-C ends it after the act that is on, with the report.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
import uvloop
from rich.console import Console

from tests.chaos.acts import perform, play
from tests.chaos.audit import audit_losses, audit_runs
from tests.chaos.blows import Blow
from tests.chaos.clock_faults import JUMP_POSTGRES, JUMP_WORKER
from tests.chaos.clocks import jumping_library
from tests.chaos.faults import Fault
from tests.chaos.report import Appetite, SoakReport, recoveries, totals
from tests.chaos.shapes import EVERY_SHAPE
from tests.chaos.site import Site, open_site
from tests.chaos.traffic import Traffic, calm_figures, traffic
from tests.chaos.weather_faults import FILL_DISK, has_small_disk

SEATS = 5
MEGABYTE = 1024 * 1024


@dataclass
class Soak:
    seed: int
    minutes: float
    folder: Path
    console: Console
    began: float = field(default_factory=time.monotonic)
    acts: int = 0
    blows: list[Blow] = field(default_factory=list[Blow])
    appetite: list[Appetite] = field(default_factory=list[Appetite])

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.began

    async def run(self) -> SoakReport:
        async with open_site(self.folder, seats=SEATS) as site:
            calm = await calm_figures(site, *EVERY_SHAPE)
            self.began = time.monotonic()
            self.console.print(f"Calm figures are known; {self.minutes:g} minutes of faults begin in {self.folder}.")
            async with traffic(site, calm) as visitor:
                await self._play(site, visitor)
            left = [*await audit_losses(site, self.blows), *await audit_runs(site, visitor.names)]
            self.appetite.append(await self._measured(site))
            family = psutil.Process().children(recursive=True)
        _, orphans = psutil.wait_procs(family, timeout=10)
        left += [f"left behind: {process}" for process in orphans]
        return self._report(visitor, left)

    async def _play(self, site: Site, visitor: Traffic) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        chance = Random(self.seed)
        for act in play(self.seed, more=self._possible(site)):
            if self.elapsed_s > self.minutes * 60 or stop.is_set():
                return
            blows = await perform(site, act, chance)
            self.acts += 1
            self.blows += blows
            self.appetite.append(await self._measured(site))
            self._tell(blows, visitor)
            self._keep(self._report(visitor, await audit_losses(site, self.blows)))

    def _possible(self, site: Site) -> Sequence[Fault]:
        """Faults that not every machine can have; what is left out is told."""
        disk, clocks = has_small_disk(site), jumping_library() is not None
        for possible, wanting in ((disk, "a folder on a small disk (8 GB at most)"), (clocks, "libfaketime")):
            if not possible:
                self.console.print(f"One fault is left out, for it needs {wanting}.")
        return [*([FILL_DISK] if disk else []), *([JUMP_POSTGRES, JUMP_WORKER] if clocks else [])]

    async def _measured(self, site: Site) -> Appetite:
        worker = psutil.Process(site.seats[0].worker.pid)
        [(connections,)] = await site.rows(
            "select count(*) from pg_stat_activity where backend_type = 'client backend'"
        )
        return Appetite(
            at_s=self.elapsed_s,
            worker_mb=worker.memory_info().rss / MEGABYTE,
            worker_files=worker.num_fds(),
            database_connections=connections,
        )

    def _tell(self, blows: Sequence[Blow], visitor: Traffic) -> None:
        took = "; ".join(
            f"{blow.fault}: {blow.recovered_s[-1]:.1f} s" if blow.recovered_s else blow.fault for blow in blows
        )
        self.console.print(
            f"{self.elapsed_s:6.0f} s  act {self.acts}: {took}. {len(visitor.audited)} runs audited, "
            f"{len(visitor.findings)} findings."
        )

    def _report(self, visitor: Traffic, more: Sequence[str]) -> SoakReport:
        troubles = [trouble for blow in self.blows for trouble in blow.troubles]
        return SoakReport(
            seed=self.seed,
            minutes=self.elapsed_s / 60,
            revision=_revision(),
            acts=self.acts,
            recoveries=tuple(recoveries(self.blows)),
            **totals(visitor.audited),
            rounds_asked_again=visitor.rounds,
            unavailable=visitor.person.unavailable,
            appetite=tuple(self.appetite),
            findings=(*visitor.findings, *troubles, *more),
        )

    def _keep(self, report: SoakReport) -> None:
        (self.folder / "report.json").write_text(report.model_dump_json(indent=2))


def _revision() -> str:
    asked = subprocess.run(("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--folder", type=Path, help="for data, logs and the report; must not exist")
    options = parser.parse_args()
    console = Console(highlight=False)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="soak-")) / "site"
    folder.mkdir(parents=True)
    soak = Soak(options.seed, options.minutes, folder, console)
    report = uvloop.run(soak.run())
    (folder / "report.json").write_text(report.model_dump_json(indent=2))
    console.print("\n".join(report.markdown()), markup=False)
    sys.exit(1 if report.findings else 0)


if __name__ == "__main__":
    main()
