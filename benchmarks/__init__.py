"""Benchmarks: every number that README and docs state is measured by a script below this folder.

Run them from the root of the repository, such as ``python -m benchmarks.gap.gap_sweep --quick``.
"""
