"""Registering our search attributes: a workflow may only set those the namespace knows."""

from collections.abc import Sequence
from typing import Any, cast

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from core.errors import ServiceUnavailable

KNOWN_ALREADY = (RPCStatusCode.ALREADY_EXISTS,)


async def register(client: Client, attributes: Sequence[SearchAttributeKey[Any]]) -> None:
    """Makes the namespace know these; harmless when it does. Raises ServiceUnavailable, saying how to do it by hand."""
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                # The same numbers, by two names.
                search_attributes={
                    key.name: cast("IndexedValueType.ValueType", key.indexed_value_type) for key in attributes
                },
            )
        )
    except RPCError as error:
        if error.status in KNOWN_ALREADY:
            return
        by_hand = " ".join(f"--name {key.name} --type {key.indexed_value_type.name}" for key in attributes)
        raise ServiceUnavailable(
            f"Temporal does not register our search attributes ({error.message}); an administrator can: "
            f"temporal operator search-attribute create {by_hand}"
        ) from error
