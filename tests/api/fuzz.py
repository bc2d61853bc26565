"""What generated requests find: every operation of the API, asked by its description and against it.

`make fuzz`, or `python -m tests.api.fuzz --examples 20`, starts a service in a temporary folder and has schemathesis
ask it. It fails for an answer of 5xx, and for a status, content type, header or body that is not described. Trials of
agents are left out: for an agent that is away they answer 502, as they should.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from cli.dev import run_stack
from cli.embedded.stack import Stack, StackOptions

PROGRAM: Final = Path(sys.executable).with_name("schemathesis")
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


async def fuzz(url: str, examples: int, folder: Path) -> int:
    """The exit code of schemathesis: 0 if nothing was found."""
    asked = await asyncio.create_subprocess_exec(
        *(str(PROGRAM), "run", f"{url}/openapi.json", "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(examples), "--checks", ",".join(CHECKS), "--exclude-path-regex", "/test$"),
        *("--continue-on-failure", "--request-timeout", "30", "--generation-database", "none"),
        cwd=folder,
    )
    return await asked.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.api.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=6, help="generated for each operation")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        async def work(stack: Stack) -> int:
            return await fuzz(stack.addresses.api_url, options.examples, folder)

        stack = StackOptions(data=folder / "data", environment={"BENCHMARK_LOG_LEVEL": "WARNING"})
        sys.exit(asyncio.run(run_stack(stack, work, console=Console())))


if __name__ == "__main__":
    main()
