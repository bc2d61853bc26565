"""Foreign text inside a prompt: between lines that only this call knows, and unable to end its block or to speak as
somebody else.

Delimiters with a random mark against prompt injection: Hines et al., Defending Against Indirect Prompt Injection
Attacks With Spotlighting, arXiv:2403.14720 (2024). The text itself is changed as little as that needs.
"""

import re
import secrets
from collections.abc import Mapping

import regex

LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
MARKUP = re.compile(
    r"<\|[^<>\n]{0,60}\|?>|<{1,2}/?\s?(?:sys|s|start_of_turn|end_of_turn|bos|eos)>{1,2}|\[/?inst\]", re.I
)
"""The tokens by which chat templates begin and end a speaker's turn."""
SPEAKER = re.compile(r"^([ \t>#*_]*)(system|user|assistant|human|developer)([ \t*_]*):", re.I | re.M)
DELIMITER = re.compile(r"\[[\s\[]*\[(?=\s*(?:begin|end)\b)", re.I)
OPENED = str.maketrans("<>[]|", "\u2039\u203a\u27e6\u27e7\u00a6")
"""Signs that look alike and mean nothing to a chat template."""
HIDDEN = regex.compile(r"(?V1)[\p{C}--[\n\t]]")
"""What a reader does not see: controls, formats (zero width, direction, tags), surrogates, private and unassigned
characters."""


def neutralised(text: str, *, longest: int) -> str:
    """The text without hidden characters, turn tokens and lines that look like our delimiters, cut to `longest`."""
    text = LINE_ENDS.sub("\n", text)
    if len(text) > longest:
        text = f"{text[:longest]}\n(cut here: {len(text) - longest} more characters)"
    text = HIDDEN.sub("", text)
    # Hidden characters are gone first, or they could hide a token from these patterns and not from the model.
    text = MARKUP.sub(lambda token: token[0].translate(OPENED), text)
    text = SPEAKER.sub(r"\1\2\3 -", text)
    return DELIMITER.sub("[ [", text)


def fresh_mark(texts: Mapping[str, str]) -> str:
    """Sixteen random hexadecimal digits that occur in none of the texts."""
    while True:
        mark = secrets.token_hex(8)
        if not any(mark in text for text in texts.values()):
            return mark


def block(name: str, text: str, mark: str) -> str:
    """The text between its two delimiters, each a line of its own."""
    return f"[[BEGIN {name} {mark}]]\n{text}\n[[END {name} {mark}]]"
