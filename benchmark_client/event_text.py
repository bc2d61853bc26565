"""Reading the format of server-sent events, from bytes that may be cut anywhere."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    data: str
    id: str | None
    """The last one that the stream has told, here or before."""


@dataclass
class EventReader:
    """One stream. What is left of a message when the stream ends was not a message."""

    id: str | None = None
    _rest: bytes = b""
    _data: list[str] = field(default_factory=list[str])

    def read(self, chunk: bytes) -> list[Message]:
        """The messages that these bytes complete."""
        # Only these end a line: a text in JSON may hold separators that `str.splitlines` would cut at.
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        found = (self._line(line.removesuffix(b"\r").decode(errors="replace")) for line in lines)
        return [message for message in found if message is not None]

    def _line(self, line: str) -> Message | None:
        if not line:
            data, self._data = "\n".join(self._data), []
            return Message(data, self.id) if data else None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id":
            self.id = value
        return None
