"""Benchmarks: speed and memory of the application, as ratios and bounds measured in one run on one machine."""
