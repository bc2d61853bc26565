"""`benchmark dev`: the whole service in one terminal, from the packages alone.

Ctrl-C (or SIGTERM) stops everything in order, a second one at once; the data folder keeps the data.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from cli.embedded.errors import EmbeddedError
from cli.embedded.folder import DataFolder
from cli.embedded.sockets import Ports
from cli.embedded.stack import Stack, StackOptions
from cli.embedded.supervisor import Supervisor
from cli.exits import Exit

Work = Callable[[Stack], Awaitable[int]]
"""What to do while everything runs; gives an exit code."""


class Interruption:
    """Ctrl-C and its kin: the first asks to stop, the second to hurry."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.hurry = asyncio.Event()

    def happen(self) -> None:
        if self.stop.is_set():
            self.hurry.set()
        self.stop.set()

    @contextmanager
    def caught(self) -> Generator[None]:
        """Signals count as interruptions within."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self.happen)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


async def run_dev(options: StackOptions, *, console: Console | None = None) -> int:
    """Runs until interrupted; the exit code. A failure is printed, not raised."""
    console = console or Console()
    began = time.monotonic()

    async def announce_and_wait(stack: Stack) -> int:
        console.print(f"The benchmark service is ready after {time.monotonic() - began:.1f} s.", style="bold green")
        show_addresses(stack, console)
        show_export(stack, console)
        console.print("Ctrl-C stops everything; the data is kept.")
        await asyncio.Event().wait()
        return 0

    return await run_stack(options, announce_and_wait, console=console)


async def run_stack(options: StackOptions, work: Work, *, console: Console) -> int:
    """Starts everything, does the work, stops everything; the work's exit code, 0 when interrupted.

    A service that fails meanwhile is printed and ends the work.
    """
    interruption = Interruption()

    def say(sentence: str) -> None:
        console.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)

    with interruption.caught():
        try:
            folder = DataFolder(options.data)
            with folder.locked(), Ports() as ports:
                say(f"Starting PostgreSQL, Temporal, API and worker in {folder.path} ...")
                supervisor = Supervisor(folder.logs, say)
                try:
                    stack = Stack(options, folder, supervisor, ports)
                    if stack.moved:
                        say(stack.moved)
                    return await _first_of(_start_and(work, stack, supervisor), _until(interruption.stop))
                finally:
                    try:
                        say("Stopping; the data is kept. Ctrl-C again does not wait for anybody.")
                    finally:
                        # Even when there is nobody to tell: the terminal may be gone.
                        await supervisor.stop(interruption.hurry)
        except (EmbeddedError, OSError) as error:
            console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            return Exit.SERVER


def show_addresses(stack: Stack, console: Console) -> None:
    """Where everything is, a line each."""
    where = stack.addresses
    rows = {
        "Web pages": f"{where.api_url}/ui",
        "API": where.api_url,
        "API documentation": f"{where.api_url}/docs",
        "Temporal UI": where.temporal_ui_url,
        "Temporal": f"{where.temporal_address} (namespace {where.temporal_namespace})",
        "PostgreSQL": f"{stack.database_address} (password in {stack.folder.postgres / 'password'})",
        "Data": str(stack.folder.path),
        "Logs": str(where.logs),
    }
    if stack.model:
        rows["Language model"] = f"{stack.model.base_url} (OpenAI-compatible)"
    for name, value in rows.items():
        console.print(f"  {name:<18} {value}", markup=False, highlight=False, soft_wrap=True)


def show_export(stack: Stack, console: Console) -> None:
    """How commands of other terminals find this service, and not another one on the usual port."""
    console.print("For commands and programs in other terminals, whatever folder they are in:")
    console.print(
        f"  export BENCHMARK_API_URL={stack.addresses.api_url}", markup=False, highlight=False, soft_wrap=True
    )


async def _start_and(work: Work, stack: Stack, supervisor: Supervisor) -> int:
    await stack.start()

    async def do_work() -> int:
        return await work(stack)

    return await _first_of(do_work(), supervisor.watch())


async def _until(event: asyncio.Event) -> int:
    await event.wait()
    return 0


async def _first_of(*works: Coroutine[Any, Any, int]) -> int:
    """What the first to end gives or raises; the others are cancelled, and have ended too."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
