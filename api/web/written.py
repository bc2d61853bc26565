"""Definitions as people write them: YAML without what is as usual."""

from typing import Any

import yaml
from pydantic import BaseModel


def written(model: BaseModel) -> str:
    """As a benchmark file would have it; secrets are no part of definitions."""
    told: dict[str, Any] = model.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=110)
