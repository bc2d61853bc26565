"""The win rate that is left when the pull of longer answers is taken out."""

import numpy as np

from core.preferences import LengthControlled
from evaluators.preferences.pairs import Judged
from evaluators.statistics.logistic import expit, logistic_fit
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_student

FEWEST = 20
"""Independent pairs; of fewer the regression tells nothing."""


def length_controlled(pairs: Judged) -> LengthControlled | None:
    """Logit of a win = strength + pull * tanh(difference of lengths / its standard deviation); the win rate at equal
    lengths is expit(strength), its interval that of the strength, clustered.

    Dubois, Galambosi, Liang and Hashimoto, Length-Controlled AlpacaEval, arXiv:2404.04475 (2024), equation 1, of one
    pair of models: without the term for how hard an instruction is, which they estimate from the judgements of all
    models of a leaderboard and which two models cannot tell.
    """
    spread = float(pairs.longer.std()) if len(pairs.longer) else 0.0
    if not spread or len(np.unique(pairs.units)) < FEWEST:
        return None
    features = np.column_stack([np.ones(len(pairs.longer)), np.tanh(pairs.longer / spread)])
    fit = logistic_fit(features, pairs.values, pairs.units)
    if fit is None:
        return None
    strength, pull = (float(each) for each in fit.coefficients)
    half = quantile_of_student(CONFIDENCE, fit.clusters - 1) * float(np.sqrt(fit.covariance[0, 0]))
    low, value, high = (float(each) for each in expit(np.array([strength - half, strength, strength + half])))
    return LengthControlled(value=value, low=low, high=high, pull=pull)
