"""Exact optima of feature-selection problems."""
