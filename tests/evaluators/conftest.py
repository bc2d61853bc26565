"""What judging in this process needs besides the evaluator."""

import pytest

from core.plugins import CODE_PERMISSION
from tests.evaluators.code.sandboxing import skip_without_sandbox


@pytest.fixture(autouse=True)
def code_may_run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's permission, for golden cases of evaluators that run code; skipped where there is no sandbox."""
    if getattr(request.node, "callspec", None) and request.node.callspec.params.get("kind") in ("code", "python"):
        skip_without_sandbox()
        monkeypatch.setenv(CODE_PERMISSION, "sandboxed")
