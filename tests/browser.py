"""Chromium, driven over its DevTools protocol: what a page shows, asks for, complains of and takes on paper."""

import asyncio
import base64
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions")
UP_S = 60.0


class Page:
    """One page. `complaints` has what its console said; `requests` what it asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._socket = socket
        self._session = session
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.complaints: list[str] = []
        self.requests: list[str] = []

    async def do(self, method: str, **parameters: object) -> dict[str, Any]:
        """A command of the protocol. Raises AssertionError when the browser refuses it."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        sent = {"id": self._number, "sessionId": self._session, "method": method, "params": parameters}
        await self._socket.send_json(sent)
        found = await answer
        assert "error" not in found, f"{method}: {found}"
        return found["result"]

    async def go(self, address: str) -> None:
        """Until everything is loaded."""
        self._loaded.clear()
        # Another place of the same page is there at once.
        if "loaderId" in await self.do("Page.navigate", url=address):
            await asyncio.wait_for(self._loaded.wait(), UP_S)

    async def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, which the page's own policy does not forbid."""
        found = await self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def appear(self, *, width: int, height: int = 900, dark: bool = False, media: str = "") -> None:
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.do("Emulation.setEmulatedMedia", media=media, features=[scheme])

    async def picture(self) -> bytes:
        """What is in sight, as PNG."""
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])

    async def paper(self) -> bytes:
        """As PDF."""
        return base64.b64decode((await self.do("Page.printToPDF", printBackground=True))["data"])

    async def listen(self) -> None:
        async for message in self._socket:
            told = cast("dict[str, Any]", message.json())
            if "id" in told and told["id"] in self._answers:
                self._answers.pop(told["id"]).set_result(told)
            else:
                self._note(told.get("method", ""), told.get("params", {}))

    def _note(self, method: str, told: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
            self.complaints.append(f"{method}: {told}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])


@asynccontextmanager
async def browsing(folder: Path) -> AsyncGenerator[Page]:
    """A page of a browser of its own, which keeps its things in this folder; skips without Chromium."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium: apt-get install chromium, and this test looks at the pages in it.")
    process = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *FLAGS, *QUIET, f"--user-data-dir={folder}", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as http, http.ws_connect(await _address(folder), max_msg_size=0) as socket:
            page = await _page(socket)
            listening = asyncio.create_task(page.listen())
            try:
                for domain in ("Page", "Log", "Runtime", "Network"):
                    await page.do(f"{domain}.enable")
                yield page
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                await socket.send_json({"id": 0, "method": "Browser.close"})
    finally:
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _address(folder: Path) -> str:
    async with asyncio.timeout(UP_S):
        while True:
            if len(told := await asyncio.to_thread(_told, folder / "DevToolsActivePort")) == 2:
                return f"ws://127.0.0.1:{told[0]}{told[1]}"
            await asyncio.sleep(0.05)


def _told(file: Path) -> list[str]:
    """Port and path, once the browser has written them."""
    return file.read_text().split() if file.exists() else []


async def _page(socket: aiohttp.ClientWebSocketResponse) -> Page:
    async def done(number: int, method: str, **parameters: object) -> dict[str, Any]:
        await socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            told = cast("dict[str, Any]", await socket.receive_json())
            if told.get("id") == number:
                return told["result"]

    target = await done(-1, "Target.createTarget", url="about:blank")
    attached = await done(-2, "Target.attachToTarget", targetId=target["targetId"], flatten=True)
    return Page(socket, attached["sessionId"])
