"""What makes one method a verb of both clients: it says what to ask, the client it is called on asks it.

    class Agents(Noun[M]):
        @Verb
        def get(self, name: str) -> Call[AgentView]: ...

`Client().agents.get("lab")` gives an AgentView, `AsyncClient().agents.get("lab")` what is awaited for one.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from benchmark_client.answering import answered
from benchmark_client.modes import Async, Bound, Sync, port_of
from benchmark_client.requests import Call
from benchmark_client.series import Series
from benchmark_client.signatures import of_its_own, signature_of, signed
from benchmark_client.steps import Flow

if TYPE_CHECKING:
    from benchmark_client.nouns.runs import Run

P = ParamSpec("P")
T = TypeVar("T")


class Verb(Generic[P, T]):
    """Of one answer. The method gives a call, or a flow for what takes several."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Call[T] | Flow[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    def __repr__(self) -> str:
        return f"<verb {signature_of(self.describe)}>"

    @overload
    def __get__(self, bound: None, owner: object = None) -> Self: ...
    @overload
    def __get__(self, bound: Bound[Sync], owner: object = None) -> Callable[P, T]: ...
    @overload
    def __get__(
        self: "Verb[P, Run[Sync]]", bound: Bound[Async], owner: object = None
    ) -> Callable[P, Coroutine[Any, Any, "Run[Async]"]]: ...
    @overload
    def __get__(self, bound: Bound[Async], owner: object = None) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, bound: Bound[Any] | None, owner: object = None) -> Any:
        if bound is None:
            return self

        def perform(*args: P.args, **kwargs: P.kwargs) -> Any:
            return port_of(bound).perform(self.flow(bound, *args, **kwargs))

        return signed(perform, self.describe)

    def flow(self, bound: Bound[Any], *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        """All that the verb does, for other verbs to do on their way."""
        said = self.describe(bound, *args, **kwargs)
        return answered(said, port_of(bound).patience) if isinstance(said, Call) else said


class ListVerb(Generic[P, T]):
    """Of many answers: something to iterate over, that asks for more when it is used up. The method gives a series."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Series[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    def __repr__(self) -> str:
        return f"<verb {signature_of(self.describe)}>"

    @overload
    def __get__(self, bound: None, owner: object = None) -> Self: ...
    @overload
    def __get__(self, bound: Bound[Sync], owner: object = None) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(
        self: "ListVerb[P, Run[Sync]]", bound: Bound[Async], owner: object = None
    ) -> Callable[P, AsyncIterator["Run[Async]"]]: ...
    @overload
    def __get__(self, bound: Bound[Async], owner: object = None) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, bound: Bound[Any] | None, owner: object = None) -> Any:
        if bound is None:
            return self

        def iterate(*args: P.args, **kwargs: P.kwargs) -> Any:
            port = port_of(bound)
            return port.iterate(self.describe(bound, *args, **kwargs).flow(port.patience))

        return signed(iterate, self.describe)


def of_run(verb: Verb[Concatenate[str, P], T]) -> Verb[P, T]:
    """The verb of `runs` as one of a run, which says its id itself."""

    def describe(run: Any, *args: P.args, **kwargs: P.kwargs) -> Call[T] | Flow[T]:
        return verb.describe(run, run.run_id, *args, **kwargs)

    return Verb(of_its_own(describe, verb.describe))


def many_of_run(verb: ListVerb[Concatenate[str, P], T]) -> ListVerb[P, T]:
    """As `of_run`, for a verb of many answers."""

    def describe(run: Any, *args: P.args, **kwargs: P.kwargs) -> Series[T]:
        return verb.describe(run, run.run_id, *args, **kwargs)

    return ListVerb(of_its_own(describe, verb.describe))
