"""A message to people by mail, Slack and a hundred other ways: the library apprise, in a process of its own.

The library reaches out by itself, in ways that know nothing of our network guard, so the process it runs in is held to
the guard's rules (`adapters.webhooks.notify_program`), has none of our environment, and is ended on time.
"""

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import unquote

from adapters.network.evidence import printable
from core.errors import InvalidInput
from core.events import Event, EventType
from core.webhooks import Parcel, Sent

LONGEST_S: Final = 20.0
AT_ONCE: Final = 8
SHORTEST_SECRET: Final = 4
"""Parts of an address that are at least so long are struck out of what the library says."""
PROGRAM: Final = "adapters.webhooks.notify_program"
UNKNOWN: Final = (
    "This is no address that apprise can send to; write one such as mailtos://user:password@example.com or "
    "slack://TokenA/TokenB/TokenC/#channel (see the documentation of apprise)."
)


class NotifySender:
    """Implements `adapters.webhooks.sender.Sender`."""

    def __init__(self, network_allow: Sequence[str]) -> None:
        self._allow = list(network_allow)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def check(self, url: str) -> None:
        if find_spec("apprise") is None:
            raise InvalidInput(
                "The library 'apprise' is missing: install ai-benchmark-service[notify].", pointer="/kind"
            )
        if not (await self._ran({"url": url}))["known"]:
            raise InvalidInput(UNKNOWN, pointer="/url")

    def shown(self, url: str) -> str:
        return f"{url.partition('://')[0][:30]}://..."

    async def send(self, parcel: Parcel) -> Sent:
        title, body = words_of(parcel.event)
        try:
            async with self._places:
                answer = await self._ran({"url": parcel.url, "title": title, "body": body})
        except InvalidInput as error:
            return Sent(str(error))
        said = struck_out(printable(str(answer["said"]).encode())[:1000], parcel.url) or None
        if not answer["known"]:
            return Sent(UNKNOWN)
        return Sent(response=said) if answer["sent"] else Sent(said or "It was not sent, and apprise does not say why.")

    async def _ran(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the program answers. Raises InvalidInput when it does not."""
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-W", "ignore", "-m", PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                output, _ = await program.communicate(json.dumps({"allow": self._allow, **request}).encode())
        except TimeoutError as error:
            raise InvalidInput(f"It was not sent within {LONGEST_S:g} s.", pointer="/url") from error
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
        try:
            return json.loads(output)
        except ValueError as error:
            raise InvalidInput(f"The library apprise ended with {program.returncode}.", pointer="/url") from error


def words_of(event: Event) -> tuple[str, str]:
    """An event as a title and a text."""
    name = event.data.get("name")
    meaning = next(
        (each.meaning for each in EventType if each.value == event.type), "somebody tries whether this works"
    )
    lines = [meaning[0].upper() + meaning[1:] + "."]
    plain = {key: value for key, value in event.data.items() if isinstance(value, str | int | float) and value != ""}
    lines += [f"{key}: {value}" for key, value in plain.items()]
    return f"{event.type}: {name or event.subject}", "\n".join(
        [*lines, f"{event.time:%Y-%m-%d %H:%M} (UTC)", event.source]
    )


def struck_out(text: str, url: str) -> str:
    """The text without the parts of the URL, any of which may be a secret.

    >>> struck_out("Slack refused s3cr3t.", "slack://s3cr3t/channel")
    'Slack refused ***.'
    """
    rest = url.partition("://")[2]
    parts = {part for each in (rest, unquote(rest)) for part in re.split(r"[/:@?&=,#]+", each)}
    for part in sorted((each for each in parts if len(each) >= SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(part, "***")
    return text
