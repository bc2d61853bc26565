"""A file that is taken away while it is written: what has been written so far, once."""

import io

from typing_extensions import Buffer


class Outflow(io.RawIOBase):
    """Bytes in, and out by `taken`. Whoever writes may ask where it stands, and cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        """What was written since it was called last."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content
