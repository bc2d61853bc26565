"""Events as they happen: a stream that is taken up again where it broke off, without gap or repeat."""

from dataclasses import dataclass
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


@dataclass
class Pauses:
    """Those of one reader for one reason, until there is something new."""

    patience: Patience
    tries: int = 0
    waited_s: float = 0.0

    def after(self, complaint: Problem | Unreachable) -> Flow[None]:
        """Waits. Raises the complaint when that was done long enough."""
        self.tries += 1
        pause = self.patience.pause(complaint, self.tries, self.waited_s)
        if pause is None:
            raise complaint
        self.waited_s += pause
        yield Pause(pause)

    def begin_anew(self) -> None:
        self.tries, self.waited_s = 0, 0.0


class Follower:
    """One reader of one stream, over all its connections."""

    def __init__(self, request: Request, patience: Patience, after: int | None, away_s: float | None) -> None:
        self._request = request.with_headers({"Accept": "text/event-stream"})
        self._position = after
        """The number of the last event that was handed out."""
        self._away = Pauses(patience.lasting(away_s))
        """For a service that does not answer; one that does has to bring something."""
        self._empty = Pauses(patience)
        self._news = False
        """Whether something came since the last stream that ended well."""

    def events(self) -> Flow[None]:
        """Hands out every event; ends when the service says that there will be none. Raises ClientError."""
        while True:
            complaint: Problem | Unreachable | None
            try:
                answer = yield from opened_if_good(self._from_here())
                if answer.status == NOTHING_MORE:
                    return
                complaint = None if answer.is_success else problem(answer)
                if complaint is None:
                    yield from self._read()
            except Unreachable as error:
                complaint = error
            if complaint is None:
                yield from self._came_back()
            elif isinstance(complaint, Unreachable) or is_passing(complaint, self._request):
                yield from self._away.after(complaint)
            else:
                raise complaint

    def _came_back(self) -> Flow[None]:
        """The stream ended well: whether there is more, only coming back tells, and at once after some news."""
        self._away.begin_anew()
        if not self._news:
            yield from self._empty.after(Unreachable("The stream ends as soon as it begins.", sent=True))
        self._news = False

    def _from_here(self) -> Request:
        return self._request.with_headers({} if self._position is None else {"Last-Event-ID": str(self._position)})

    def _read(self) -> Flow[None]:
        reader, chunks = EventReader(), 0
        while chunk := (yield from read()):
            chunks += 1
            if chunks > 1:
                # The first piece greets whoever comes; a second one is news, or says that the stream lives.
                self._begin_anew()
            for message in reader.read(chunk):
                event = _event(message.data)
                if self._position is None or int(event.id) > self._position:
                    self._position = int(event.id)
                    self._begin_anew()
                    yield Emit(event)
            if self._position is None and reader.id:
                # Where the stream began, told before the first event.
                self._position = int(reader.id)

    def _begin_anew(self) -> None:
        self._news = True
        self._away.begin_anew()
        self._empty.begin_anew()


def _event(data: str) -> Event:
    try:
        return Event.model_validate_json(data)
    except ValidationError as error:
        raise NotUnderstood("The stream holds something that is no event of the benchmark API.") from error
