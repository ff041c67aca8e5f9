"""Benchmarks: `python -m bench.nearest` and its neighbours print tables of times and ratios."""
