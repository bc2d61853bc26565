"""API keys that tests make and send."""

from typing import Any

import httpx2

READER = {"name": "dashboard", "scopes": ["benchmark:read"]}


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def made(api: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await api.post("/v1/api-keys", json=READER | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()
