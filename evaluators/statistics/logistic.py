"""Logistic regression of shares, with standard errors that hold within clusters."""

from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers

MOST_STEPS = 50
SMALL = 1e-10
"""A step that changes no coefficient by more ends the search."""
BEYOND = 15.0
"""Logits. Coefficients that go on growing past it belong to data that some direction separates: there is no maximum."""


class LogisticFit(NamedTuple):
    coefficients: Floats
    """(k,)"""
    covariance: Floats
    """(k, k), robust to any correlation within a cluster."""
    clusters: int


def logistic_fit(features: Floats, shares: Floats, clusters: Integers) -> LogisticFit | None:
    """The maximum of the (quasi-)likelihood of shares 0..1, (n,), given features, (n, k).

    Newton's method; Papke and Wooldridge, Journal of Applied Econometrics 11 (1996) 619-632, for shares between 0 and
    1. The covariance is the sandwich over clusters (Cameron and Miller, Journal of Human Resources 50 (2015), equation
    11) times G / (G - 1) for G clusters. None where there is no maximum, and of fewer than two clusters more than
    coefficients.
    """
    coefficients = np.zeros(features.shape[1])
    for _ in range(MOST_STEPS):
        expected = expit(features @ coefficients)
        try:
            bread = np.linalg.inv(_information(features, expected))
        except np.linalg.LinAlgError:
            return None
        step = bread @ (features.T @ (shares - expected))
        coefficients = coefficients + step
        if np.abs(coefficients).max() > BEYOND:
            return None
        if np.abs(step).max() < SMALL:
            return _fit(features, shares, clusters, coefficients)
    return None


def expit(logits: Floats) -> Floats:
    """1 / (1 + exp(-logits)), without overflow."""
    return 0.5 * (1 + np.tanh(logits / 2))


def _fit(features: Floats, shares: Floats, clusters: Integers, coefficients: Floats) -> LogisticFit | None:
    expected = expit(features @ coefficients)
    bread = np.linalg.inv(_information(features, expected))
    _, places = np.unique(clusters, return_inverse=True)
    groups = int(places.max()) + 1
    if groups < features.shape[1] + 2:
        return None
    scores = np.zeros((groups, features.shape[1]))
    np.add.at(scores, places, features * (shares - expected)[:, None])
    covariance = bread @ (scores.T @ scores) @ bread * groups / (groups - 1)
    return LogisticFit(coefficients, covariance, groups)


def _information(features: Floats, expected: Floats) -> Floats:
    return features.T @ (features * (expected * (1 - expected))[:, None])
