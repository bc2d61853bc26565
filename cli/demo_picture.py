"""What `make demo` ends with, as a picture: `python -m cli.demo --picture docs/demo.svg` makes the README's."""

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.console import Console, RenderableType
from rich.text import Text

WIDTH: Final = 127
WEB_FONT: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""A picture in a repository must not fetch anything."""
FONTS: Final = '"DejaVu Sans Mono", Menlo, Consolas'


def save_picture(file: Path, parts: Iterable[RenderableType]) -> None:
    """Draws a terminal in which the command was typed and these were shown."""
    terminal = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    terminal.print(Text("$ make demo", style="bold"))
    for part in parts:
        terminal.print(part, soft_wrap=isinstance(part, Text))
    svg = WEB_FONT.sub("", terminal.export_svg(title="make demo", unique_id="demo"))
    file.write_text(svg.replace("Fira Code", FONTS))
