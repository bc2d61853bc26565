"""Tests of the estimates, against scipy, statsmodels and sums done by hand."""
