"""Knows how the fitness of several episodes becomes the fitness of a genome: `[Episode] combine`."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

import numpy as np

from neat_retro.errors import ExperimentError
from neat_retro.evolution.jobs import JobResult
from neat_retro.experiment import Experiment

Combine = Callable[[Sequence[float]], float]


def genome_fitness(experiment: Experiment) -> Callable[[JobResult], float]:
    """Return what makes a genome's fitness of its episodes' results. The only place where that is done.

    Raises ExperimentError where `combine` is neither mean, min nor quantile Q.
    """
    combine = parse_combine(experiment.episode.combine, experiment.place("Episode", "combine"))
    return lambda result: combine([episode.fitness for episode in result.episodes])


def parse_combine(text: str, where: str) -> Combine:
    """Return the function that `mean`, `min` or `quantile Q` names.

    A quantile lies between two episodes' fitness in proportion (Hyndman & Fan 1996, type 7).
    """
    word, *rest = text.split() or [""]
    if word == "mean" and not rest:
        return statistics.fmean
    if word == "min" and not rest:
        return min
    try:
        if word == "quantile" and len(rest) == 1 and 0.0 <= float(rest[0]) <= 1.0:
            share = float(rest[0])
            return lambda values: float(np.quantile(values, share))
    except ValueError:
        pass
    raise ExperimentError(f"{where}: combine = {text} should be mean, min, or quantile with a share, as quantile 0.25.")
