"""Bodies that work, for tests that break one thing."""

from typing import Any


def definition(**changes: Any) -> dict[str, Any]:
    """A run of one simulated agent on two questions."""
    return {
        "name": "capitals",
        "dataset": {
            "source": {
                "kind": "inline",
                "rows": [
                    {"input": "Capital of France?", "expected": "Paris", "category": "europe"},
                    {"input": "Capital of Japan?", "expected": "Tokyo", "category": "asia"},
                ],
            }
        },
        "agents": [{"name": "simulated", "agent": {"kind": "simulated"}}],
        "evaluators": [{"kind": "contains"}],
    } | changes
