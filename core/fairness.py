"""Sharing what is scarce: weighted max-min fairness, between projects and between the runs of each.

Nobody gets more than it wants, and what one leaves is shared among the others by their weights (Bertsekas and Gallager,
Data Networks, 6.5.2).
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class Claimant(NamedTuple):
    project: str
    run: str
    owner: str
    """The process; those of one run share evenly."""
    weight: float
    wanted: float


def filled(capacity: float, wanted: Mapping[K, tuple[float, float]]) -> dict[K, float]:
    """Divides the capacity among (weight, wanted) pairs: nobody could get more without another, whose share is no
    larger for its weight, getting less. Adds up to the capacity, or to what is wanted if that is less."""
    shares = dict.fromkeys(wanted, 0.0)
    left = max(capacity, 0.0)
    # Those that want least for their weight are satisfied first; the level only rises.
    order = sorted(wanted, key=lambda key: wanted[key][1] / wanted[key][0])
    weights = sum(weight for weight, _ in wanted.values())
    for key in order:
        weight, want = wanted[key]
        shares[key] = min(want, left * weight / weights) if weights > 0 else 0.0
        left = max(left - shares[key], 0.0)
        weights -= weight
    return shares


def shared(capacity: float, claimants: Sequence[Claimant]) -> list[float]:
    """Each claimant's share, in order: evenly between projects, by weight between the runs of a project, evenly between
    the processes of a run, always giving on what is not wanted."""
    projects: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, claimant in enumerate(claimants):
        projects[claimant.project][claimant.run].append(place)
    shares = [0.0] * len(claimants)

    def total(places: Sequence[int]) -> float:
        return sum(claimants[place].wanted for place in places)

    of_project = filled(
        capacity, {project: (1.0, sum(map(total, runs.values()))) for project, runs in projects.items()}
    )
    for project, runs in projects.items():
        weighted = {
            run: (max(claimants[place].weight for place in places), total(places)) for run, places in runs.items()
        }
        of_run = filled(of_project[project], weighted)
        for run, places in runs.items():
            parts = filled(of_run[run], {place: (1.0, claimants[place].wanted) for place in places})
            for place, share in parts.items():
                shares[place] = share
    return shares


def jain(received: Sequence[float]) -> float:
    """Jain's index, 1 when all received the same, 1/n when one received all (Jain, Chiu, Hawe: DEC-TR-301, 1984)."""
    squares = sum(each * each for each in received)
    return sum(received) ** 2 / (len(received) * squares) if squares else 1.0
