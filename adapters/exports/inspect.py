"""The format `inspect`: an eval log of Inspect AI (`.eval`), which `inspect view` and `read_eval_log` open.

The layout is the one of inspect_ai's log schema 2: a zip with a JSON member for each sample, their summaries, and a
header. A question that failed is a sample with an error and without scores. Scores are ours, as numbers.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from adapters.exports.inspect_header import header, start
from adapters.exports.inspect_samples import Usages, sample_of, summary_of
from adapters.exports.outflow import Outflow
from adapters.exports.settings import NoSettings
from core.exports import ExportedItem, Pages
from core.plugins import Plugin
from core.runs import Run

IN_MEMORY: Final = 4 * 1024**2
"""Bytes of summaries that are held before they go to a temporary file."""
LEVEL: Final = 3


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
                for sample in _samples(run, page):
                    name = f"samples/{sample['id']}_epoch_{sample['epoch']}.json"
                    file.writestr(name, orjson.dumps(sample))
                    summaries.write((b"," if summaries.tell() else b"[") + orjson.dumps(summary_of(sample)))
                    usages.add(sample)
                yield sink.taken()
            summaries.write(b"]" if summaries.tell() else b"[]")
            summaries.seek(0)
            with file.open("summaries.json", "w") as member:
                while piece := summaries.read(64 * 1024):
                    member.write(piece)
            file.writestr("header.json", orjson.dumps(header(run, usages)))
        yield sink.taken()


def _samples(run: Run, page: Sequence[ExportedItem]) -> Iterator[dict[str, Any]]:
    for item in page:
        yield sample_of(run, item)


plugin = Plugin(NoSettings, InspectExporter, summary="An eval log of Inspect AI.")
