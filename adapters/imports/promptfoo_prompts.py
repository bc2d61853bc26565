"""promptfoo's prompts: texts in Nunjucks, which reads as Jinja, or chats as JSON."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml

from adapters.imports.remarks import Remarks
from adapters.imports.texts import FILE, files_named, text_in
from core.errors import InvalidInput

PROGRAMS: Final = (".js", ".cjs", ".mjs", ".ts", ".py")
WORD: Final = re.compile(r"[A-Za-z_]\w*")
SHOWN: Final = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)")
"""The name that an expression begins with."""


@dataclass(frozen=True)
class PromptText:
    label: str
    text: str
    system: str | None = None

    @property
    def shown(self) -> list[str]:
        """The names it shows."""
        return SHOWN.findall(self.text)

    def spec(self, variables: Sequence[str]) -> dict[str, Any]:
        """The prompt of a benchmark: each variable is named as promptfoo has it."""
        used = [each for each in variables if WORD.fullmatch(each) and re.search(rf"\b{each}\b", self.text)]
        head = "".join(f"{{% set {each} = metadata.var_{each} %}}" for each in used)
        spec: dict[str, Any] = {"template": head + self.text}
        return {"system": self.system, **spec} if self.system else spec


def prompts_of(told: Any, folder: Path, remarks: Remarks) -> list[PromptText]:
    """Raises InvalidInput where there is none that can be carried over."""
    listed: list[Any] = cast("list[Any]", told) if isinstance(told, list) else [told]
    found: list[PromptText] = []
    for number, each in enumerate(listed, 1):
        for text, label in _texts(each, folder, remarks):
            found.append(_prompt(text, label or f"prompt {len(found) + 1}", f"Prompt {number}", remarks))
    if not found:
        raise InvalidInput("There is no prompt that can be carried over. " + " ".join(remarks.said))
    return found


def _texts(told: Any, folder: Path, remarks: Remarks) -> list[tuple[str, str | None]]:
    if isinstance(told, dict):
        fields = cast("dict[str, Any]", told)
        label = fields.get("label") or fields.get("display")
        return [(text, label) for text, _ in _texts(fields.get("raw") or fields.get("id"), folder, remarks)]
    if not isinstance(told, str):
        remarks.add(f"The prompt {told!r} is no text and was left out.")
        return []
    name = told.removeprefix(FILE)
    if told.startswith(FILE) or re.fullmatch(r"[\w./*-]+\.\w{2,4}", told):
        if Path(name.partition(":")[0]).suffix in PROGRAMS:
            remarks.add(f"The prompt {told!r} is a program and was left out: write its text.")
            return []
        return [(text, path.stem) for path in files_named(told, folder) for text in _parts(path)] or _missing(
            told, remarks
        )
    return [(told, None)]


def _missing(told: str, remarks: Remarks) -> list[tuple[str, str | None]]:
    remarks.add(f"The prompt file {told!r} was not found and left out.")
    return []


def _parts(path: Path) -> list[str]:
    """A text file may hold several, parted by lines of `---`."""
    text = text_in(path)
    return (
        [part.strip("\n") for part in re.split(r"(?m)^---\s*$", text) if part.strip()]
        if path.suffix == ".txt"
        else [text]
    )


def _prompt(text: str, label: str, where: str, remarks: Remarks) -> PromptText:
    messages = _chat(text)
    if messages is None:
        return PromptText(label, text)
    system = "\n\n".join(str(each["content"]) for each in messages if each.get("role") == "system")
    turns = [each for each in messages if each.get("role") != "system"]
    if len(turns) != 1:
        remarks.add(f"{where} is a chat of {len(turns)} turns: they became one text.")
    body = "\n\n".join(str(each["content"]) for each in turns)
    if "{{" in system or "{%" in system:
        remarks.add(f"{where} has variables in its system message, which are shown to the agent before the question.")
        return PromptText(label, f"{system}\n\n{body}")
    return PromptText(label, body, system or None)


def _chat(text: str) -> list[dict[str, Any]] | None:
    """The messages, if it is a list of them in JSON or YAML."""
    if not text.lstrip().startswith(("[", "- role")):
        return None
    try:
        found = json.loads(text) if text.lstrip().startswith("[") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        return None
    messages = cast("list[Any]", found) if isinstance(found, list) else []
    return cast("list[dict[str, Any]]", messages) if messages and all(
        isinstance(each, dict) and "content" in each for each in messages
    ) else None  # fmt: skip
