"""The route class of these routes: OpenAI describes them, so our description does not."""

from typing import Any

from api.routing import GuardedRoute


class OpenAIRoute(GuardedRoute):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{**named, "include_in_schema": False})
