"""The format `inspect`: an eval log of Inspect AI (`.eval`), which `inspect view` and `read_eval_log` open.

The layout is the one of inspect_ai's log schema 2: a zip with a JSON member for each sample, their summaries, and a
header. A question that failed is a sample with an error and without scores. Scores are ours, as numbers.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from adapters.exports.inspect_header import header, start
from adapters.exports.inspect_samples import Usages, sample_of, summary_of
from adapters.exports.outflow import Outflow
from adapters.exports.settings import NoSettings
from core.exports import Pages
from core.plugins import Plugin
from core.runs import Run

IN_MEMORY: Final = 4 * 1024**2
"""Bytes of summaries that are held before they go to a temporary file."""
LEVEL: Final = 3
UNHARMFUL: Final = re.compile(r"[^\x00-\x1f\x7f\\:]{1,200}")


class InspectExporter:
    media_type = "application/zip"
    suffix = "eval"
    one_agent = True

    def __init__(self, settings: NoSettings) -> None:
        pass

    async def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        sink = Outflow()
        usages = Usages()
        with (
            SpooledTemporaryFile[bytes](max_size=IN_MEMORY) as summaries,
            ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=LEVEL) as file,
        ):
            file.writestr("_journal/start.json", orjson.dumps(start(run)))
            async for page in pages:
                await asyncio.to_thread(_add, file, summaries, usages, [sample_of(run, item) for item in page])
                yield sink.taken()
            summaries.write(b"]" if summaries.tell() else b"[]")
            summaries.seek(0)
            with file.open("summaries.json", "w") as member:
                while piece := summaries.read(64 * 1024):
                    member.write(piece)
            file.writestr("header.json", orjson.dumps(header(run, usages)))
        yield sink.taken()


def _add(file: ZipFile, summaries: IO[bytes], usages: Usages, samples: Sequence[dict[str, Any]]) -> None:
    for sample in samples:
        file.writestr(member_name(sample["id"], sample["epoch"]), orjson.dumps(sample))
        summaries.write((b"," if summaries.tell() else b"[") + orjson.dumps(summary_of(sample)))
        usages.add(sample)


def member_name(case_id: str, epoch: int) -> str:
    """Where Inspect looks for a sample. One whose id is no path for a file, or leads elsewhere, has its digest instead:
    it is read with all others, and found by its id only in their list."""
    unsafe = any(part in ("", ".", "..") for part in case_id.split("/")) or not UNHARMFUL.fullmatch(case_id)
    name = f"sample-{hashlib.blake2b(case_id.encode(), digest_size=16).hexdigest()}" if unsafe else case_id
    return f"samples/{name}_epoch_{epoch}.json"


plugin = Plugin(NoSettings, InspectExporter, summary="An eval log of Inspect AI.")
