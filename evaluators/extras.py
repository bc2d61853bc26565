"""Libraries that come with an extra of this package: missed when an evaluator is opened, imported when it judges."""

from importlib.util import find_spec

from core.errors import InvalidPlugin


def require(module: str, *, extra: str) -> None:
    """Raises InvalidPlugin, telling what to install, when the library is missing; imports nothing."""
    if find_spec(module) is None:
        raise InvalidPlugin(
            f"The library {module!r} is missing: install ai-benchmark-service[{extra}].", pointer="/kind"
        )
