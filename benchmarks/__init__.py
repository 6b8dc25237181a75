"""How fast neat-retro is: ratios of things measured in turns, in one run. `python -m benchmarks` prints them all."""
