"""The report on a preference run: its matches, and how all contestants stand."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from core.errors import listed
from core.preferences import Contestant, Match, PreferenceReport, Standing
from core.verdicts import Spent
from evaluators.judge.position import position_bias
from evaluators.preferences.matches import Named, matches_of
from evaluators.preferences.pairs import Pair
from evaluators.statistics.bradley_terry import Games, Rated, bradley_terry, unbeaten


def preference_report(
    contestants: Sequence[Contestant], named: Sequence[Named], pairs: Sequence[Pair]
) -> PreferenceReport:
    """`named` are the run's matches in order; pairs come as they were judged."""
    matches = matches_of(named, pairs)
    games = _games([each.name for each in contestants], named, pairs)
    rated = bradley_terry(games, len(contestants)) if len(contestants) > 2 else None
    ballots = [ballot for pair in pairs for ballot in pair.ballots]
    return PreferenceReport(
        sentence=_sentence(matches),
        standings=_standings(contestants, games, rated),
        matches=matches,
        unrated=None if rated or len(contestants) == 2 else _why_unrated(contestants, games),
        cases=len({pair.case for pair in pairs}),
        position=position_bias(ballots, len({pair.unit for pair in pairs})),
        spent=reduce(Spent.plus, (pair.spent for pair in pairs if pair.spent is not None), Spent()),
        models=tuple(sorted({ballot.model for ballot in ballots if ballot.model is not None})),
    )


def _games(names: Sequence[str], named: Sequence[Named], pairs: Sequence[Pair]) -> Games:
    sides = [(names.index(match.first), names.index(match.second)) for match in named]
    kept = [(*sides[pair.match], pair.value, pair.unit) for pair in pairs if pair.value is not None]
    first, second, shares, units = zip(*kept, strict=True) if kept else ((), (), (), ())
    return Games(
        np.array(first, dtype=np.int64),
        np.array(second, dtype=np.int64),
        np.array(shares, dtype=np.float64),
        np.array(units, dtype=np.int64),
    )


def _standings(contestants: Sequence[Contestant], games: Games, rated: Sequence[Rated] | None) -> tuple[Standing, ...]:
    found: list[Standing] = []
    for number, contestant in enumerate(contestants):
        shares = np.concatenate([games.shares[games.first == number], 1 - games.shares[games.second == number]])
        own = rated[number] if rated else None
        found.append(
            Standing(
                contestant=contestant,
                pairs=len(shares),
                win_rate=float(shares.mean()) if len(shares) else None,
                rating=own and own.rating,
                low=own and own.low,
                high=own and own.high,
            )
        )
    return tuple(sorted(found, key=lambda one: (-(one.rating or 0), -(one.win_rate or 0))))


def _why_unrated(contestants: Sequence[Contestant], games: Games) -> str:
    if not len(games.shares):
        return "No ratings: no pair was judged."
    played = {*games.first.tolist(), *games.second.tolist()}
    if idle := [each.name for at, each in enumerate(contestants) if at not in played]:
        return f"No ratings fit: nothing of {listed(idle)} was judged."
    apart = unbeaten(games, len(contestants))
    if apart is None:
        return "There are too few judged pairs for ratings."
    names = [each.name for each in contestants]
    ahead = listed([names[at] for at in apart])
    others = listed([name for at, name in enumerate(names) if at not in apart])
    return f"No ratings fit: {others} won nothing against {ahead}."


def _sentence(matches: Sequence[Match]) -> str:
    if len(matches) == 1:
        return matches[0].sentence
    if not any(match.pairs for match in matches):
        return "No pair was judged."
    decided = [match for match in matches if match.finding != "cannot_tell"]
    said = " ".join(match.sentence for match in decided)
    open_ = len(matches) - len(decided)
    rest = f"Of {open_} of {len(matches)} matches nobody can tell." if open_ else ""
    return " ".join(part for part in (said, rest) if part)
