"""Schedules: runs that start by themselves."""

from datetime import datetime

from benchmark_client.documents import Body
from benchmark_client.models.answer import Page
from benchmark_client.models.schedules import Schedule, Tick
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, delete, following, get, given, name, patch, post
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class Schedules(Noun[M]):
    """Each by its name or id. With `revision`, a change is refused (StaleRevision) when somebody changed it since."""

    @Verb
    def create(self, schedule: Body) -> Call[Schedule]:
        """At the times of `when`, a run is accepted as if `run` were posted then. Raises Invalid, Conflict."""
        return Call(post("/v1/schedules", schedule), Schedule)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[Schedule]:
        """By name, each with its next and last runs."""
        return listing(Page[Schedule], get("/v1/schedules"), most)

    @Verb
    def get(self, schedule: str) -> Call[Schedule]:
        """Raises NotFound."""
        return Call(get(_path(schedule)), Schedule)

    @Verb
    def change(self, schedule: str, changes: Body, *, revision: int | None = None) -> Call[Schedule]:
        """Only what is said changes."""
        return Call(following(patch(_path(schedule), changes), revision), Schedule)

    @Verb
    def delete(self, schedule: str, *, revision: int | None = None) -> Call[None]:
        """Its runs stay."""
        return Call(following(delete(_path(schedule)), revision), type(None))

    @Verb
    def pause(self, schedule: str, *, note: str | None = None, revision: int | None = None) -> Call[Schedule]:
        """Its times pass without runs until it is resumed."""
        return Call(following(post(f"{_path(schedule)}/pause", given(note=note)), revision), Schedule)

    @Verb
    def resume(self, schedule: str, *, note: str | None = None, revision: int | None = None) -> Call[Schedule]:
        """From its next time on."""
        return Call(following(post(f"{_path(schedule)}/resume", given(note=note)), revision), Schedule)

    @Verb
    def trigger(self, schedule: str, *, overlap: str | None = None, revision: int | None = None) -> Call[Schedule]:
        """A run now, besides its times."""
        return Call(following(post(f"{_path(schedule)}/trigger", given(overlap=overlap)), revision), Schedule)

    @Verb
    def backfill(
        self,
        schedule: str,
        start_at: datetime,
        end_at: datetime,
        *,
        overlap: str | None = None,
        revision: int | None = None,
    ) -> Call[Schedule]:
        """The times between get the runs that they have not had."""
        body = given(start_at=start_at, end_at=end_at, overlap=overlap)
        return Call(following(post(f"{_path(schedule)}/backfill", body), revision), Schedule)

    @ListVerb
    def runs(self, schedule: str, *, most: int | None = None) -> Series[Tick]:
        """What came of each of its times, the newest first."""
        return listing(Page[Tick], get(f"{_path(schedule)}/runs"), most)


def _path(schedule: str) -> str:
    return f"/v1/schedules/{name(schedule)}"
