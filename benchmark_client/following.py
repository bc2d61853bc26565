"""Events as they happen: a stream that is taken up again where it broke off, without gap or repeat."""

from typing import Final

from pydantic import ValidationError

from benchmark_client.answering import is_passing, problem
from benchmark_client.errors import NotUnderstood, Problem, Unreachable
from benchmark_client.event_text import EventReader
from benchmark_client.models.events import Event
from benchmark_client.patience import Patience
from benchmark_client.requests import Request
from benchmark_client.steps import Emit, Flow, Pause, opened_if_good, read

SILENCE_S: Final = 45.0
"""The service says something every 15 seconds, if only that nothing is new. After so long it is gone."""
NOTHING_MORE: Final = 204


class Follower:
    """One reader of one stream, over all its connections."""

    def __init__(self, request: Request, patience: Patience, after: int | None) -> None:
        self._request = request.with_headers({"Accept": "text/event-stream"})
        self._patience = patience
        self._position = after
        """The number of the last event that was handed out."""
        self._tries = 0
        self._waited = 0.0

    def events(self) -> Flow[None]:
        """Hands out every event; ends when the service says that there will be none. Raises ClientError."""
        while True:
            self._tries += 1
            try:
                answer = yield from opened_if_good(self._from_here())
                if answer.status == NOTHING_MORE:
                    return
                if answer.is_success:
                    yield from self._read()
                    # It ended well: whether there is more, only coming back tells, and at once after some news.
                    if self._tries <= 1:
                        continue
                    complaint: Problem | Unreachable = Unreachable("The stream ends as soon as it begins.", sent=True)
                else:
                    complaint = problem(answer)
            except Unreachable as error:
                complaint = error
            yield Pause(self._pause(complaint))

    def _from_here(self) -> Request:
        return self._request.with_headers({} if self._position is None else {"Last-Event-ID": str(self._position)})

    def _read(self) -> Flow[None]:
        reader, chunks = EventReader(), 0
        while chunk := (yield from read()):
            chunks += 1
            if chunks > 1:
                # The first piece greets whoever comes; a second one is news, or says that the stream lives.
                self._tries, self._waited = 0, 0.0
            for message in reader.read(chunk):
                event = _event(message.data)
                if self._position is None or int(event.id) > self._position:
                    self._position, self._tries, self._waited = int(event.id), 0, 0.0
                    yield Emit(event)
            if self._position is None and reader.id:
                # Where the stream began, told before the first event.
                self._position = int(reader.id)

    def _pause(self, complaint: Problem | Unreachable) -> float:
        """Raises the complaint when it is of no use to come back."""
        passing = isinstance(complaint, Unreachable) or is_passing(complaint, self._request)
        pause = self._patience.pause(complaint, self._tries, self._waited) if passing else None
        if pause is None:
            raise complaint
        self._waited += pause
        return pause


def _event(data: str) -> Event:
    try:
        return Event.model_validate_json(data)
    except ValidationError as error:
        raise NotUnderstood("The stream holds something that is no event of the benchmark API.") from error
