"""What is said of schedules, on ones that can be worked out by hand, and on a small real run."""

from __future__ import annotations

import pytest

from benchmarks import scheduling
from benchmarks.scheduling import Generation, least_time, makespan
from neat_retro.evolution.jobs import Job


def test_each_worker_takes_the_next_job_as_soon_as_it_is_free() -> None:
    lengths = [4.0, 3.0, 2.0, 5.0]
    assert makespan(lengths, [0, 1, 2, 3], workers=2) == 9  # 4 + 5 beside 3 + 2
    assert makespan(lengths, [3, 0, 1, 2], workers=2) == 7  # 5 + 2 beside 4 + 3
    assert makespan(lengths, [0, 1, 2, 3], workers=1) == 14
    assert makespan(lengths, [0, 1, 2, 3], workers=9) == 5


def test_no_schedule_ends_before_the_even_share_or_the_longest_job() -> None:
    assert least_time([4.0, 3.0, 2.0, 5.0], workers=2) == 7
    assert least_time([4.0, 1.0, 1.0], workers=2) == 4


def test_when_results_came_tells_how_long_jobs_took() -> None:
    jobs = [Job(key, (), (), expected_frames=frames) for key, frames in ((5, 1.0), (6, 9.0), (7, 8.0), (8, 0.0))]
    generation = Generation(jobs, [], {7: 3.0, 6: 4.0, 5: 5.0, 8: 9.0})  # 6, then 8, beside 7, then 5
    assert generation.order == [1, 2, 0, 3]
    assert generation.seconds(workers=2) == [3, 4, 2, 5]  # of 7, 6, 5 and 8
    assert generation.over_least(workers=2) == (9, 7)


def test_a_run_is_recorded_and_compared() -> None:
    played = scheduling.record(population=16, length=3, workers=2, settings={"Episode.max_frames": 80})
    assert len(played) == 3
    for generation in played:
        assert len(generation.ends) == len(generation.results) == len(generation.jobs) > 1
        assert list(generation.ends.values()) == sorted(generation.ends.values())
        assert all(seconds > 0 for seconds in generation.seconds(workers=2))
    assert any(job.expected_frames for job in played[1].jobs)


@pytest.mark.parametrize("compare", [scheduling.measured, scheduling.simulated])
def test_a_ratio_is_at_least_one(compare) -> None:
    result = compare(population=16, length=3, workers=2, max_frames=80)
    assert 1 <= result.value < 3
    assert result.variant == "16 genomes, 2 workers"
