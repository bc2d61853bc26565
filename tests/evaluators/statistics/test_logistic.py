"""Logistic regression of shares agrees with statsmodels, and says so where there is nothing to find."""

from typing import Any, cast

import numpy as np
import pytest
from statsmodels.genmod import families, generalized_linear_model  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.clusters import clustered_mean
from evaluators.statistics.logistic import expit, logistic_fit

models, kinds = cast("Any", generalized_linear_model), cast("Any", families)


def test_of_a_constant_alone_it_is_the_mean_with_its_clustered_error() -> None:
    shares = np.array([1.0, 1.0, 0.0, 0.5, 1.0, 0.0, 1.0, 1.0])
    clusters = np.array([0, 0, 1, 1, 2, 2, 3, 4])
    fit = logistic_fit(np.ones((8, 1)), shares, clusters)
    assert fit is not None
    mean = clustered_mean(shares, clusters)
    assert expit(fit.coefficients)[0] == pytest.approx(mean.mean, abs=1e-12)
    # By the delta rule a logit's error is the mean's over p (1 - p).
    slope = mean.mean * (1 - mean.mean)
    assert mean.standard_error == pytest.approx(float(np.sqrt(fit.covariance[0, 0])) * slope, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_coefficients_and_clustered_errors_are_those_of_statsmodels(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, k = 240, 3
    features = np.column_stack([np.ones(n), random.normal(size=(n, k - 1))])
    clusters = random.integers(0, 60, size=n)
    shares = random.choice([0.0, 0.5, 1.0], size=n)
    fit = logistic_fit(features, shares, clusters)
    assert fit is not None
    theirs = models.GLM(shares, features, family=kinds.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": clusters}, tol=1e-12
    )
    assert fit.coefficients == pytest.approx(theirs.params, abs=1e-9)
    # Theirs has the correction (n - 1) / (n - k) besides that of clusters.
    assert fit.covariance * (n - 1) / (n - k) == pytest.approx(theirs.cov_params(), rel=1e-9, abs=1e-9)


def test_data_that_a_feature_separates_have_no_maximum() -> None:
    features = np.column_stack([np.ones(40), np.repeat([-1.0, 1.0], 20)])
    assert logistic_fit(features, np.repeat([0.0, 1.0], 20), np.arange(40)) is None
    assert logistic_fit(np.ones((40, 1)), np.ones(40), np.arange(40)) is None


def test_features_that_say_the_same_cannot_be_told_apart() -> None:
    assert logistic_fit(np.ones((40, 2)), np.tile([0.0, 1.0], 20), np.arange(40)) is None


def test_too_few_clusters_tell_no_error() -> None:
    assert logistic_fit(np.ones((6, 1)), np.tile([0.0, 1.0], 3), np.repeat([0, 1], 3)) is None
