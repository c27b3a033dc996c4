"""The benchmark: problems, contestants, timing, tables; `python tests/benchmarks/measure.py` runs it."""
