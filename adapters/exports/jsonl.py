"""The format `jsonl`: one JSON object a line, texts as they are."""

from collections.abc import AsyncGenerator
from typing import Any

import orjson

from adapters.exports.columns import COLUMNS
from adapters.exports.settings import NoSettings
from core.exports import ExportedItem, Pages
from core.plugins import Plugin
from core.runs import Run


class JsonLinesExporter:
    media_type = "application/x-ndjson"
    suffix = "jsonl"
    one_agent = False

    def __init__(self, settings: NoSettings) -> None:
        pass

    async def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        async for page in pages:
            yield b"".join(orjson.dumps(_line(item), option=orjson.OPT_APPEND_NEWLINE) for item in page)


def _line(item: ExportedItem) -> dict[str, Any]:
    scores = {label: score.model_dump(mode="json", exclude={"evaluator"}) for label, score in item.scores.items()}
    return {column.name: column.of(item) for column in COLUMNS} | {"scores": scores}


plugin = Plugin(NoSettings, JsonLinesExporter, summary="A JSON object for each question to each agent.")
