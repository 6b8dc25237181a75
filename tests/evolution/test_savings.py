"""A game is rehearsed before it is relied on: what does not repeat itself, or cannot be gone on with, is found."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import neat
import pytest

import neat_retro
from neat_retro.agent.episode import EpisodeSpec, Start
from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import NetworkAgent
from neat_retro.evolution import resolve
from neat_retro.evolution.determinism import NOT_REPEATED, NOT_RESTORED, Found, rehearse
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.evolution.savings import SavingEvaluator
from neat_retro.evolution.worker import Stage

GOOD = Found(repeats=True, restores=True)


class OneStage:
    """The pool's part, played by one game in this process, where it can be broken. It counts every job's frames."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.frames: list[int] = []
        play = stage.play

        def counting(job: Job) -> JobResult:
            result = play(job)
            self.frames.append(result.emulated)
            return result

        stage.play = counting  # type: ignore[method-assign]

    def use(self, experiment) -> None:
        self.stage.use(experiment)

    def rehearse(self) -> None:
        pass

    def rehearsed(self) -> Found:
        return rehearse(self.stage)

    def play(self, jobs, on_result=None):
        results = [self.stage.play(job) for job in jobs]
        for result in results:
            if on_result:
                on_result(result)
        return results


@pytest.fixture
def stages() -> Iterator[OneStage]:
    """NeatRunner, its pixels seen, opened as for training."""
    settings = {"Run.seed": 1, "Episode.max_frames": 400, "Episode.stall_frames": 300}
    experiment = resolve.settle(neat_retro.load_experiment("NeatRunner-Nes", settings=settings))
    with Stage(experiment) as stage:
        stage.use(resolve.fit(experiment, stage.facts())[0])
        yield OneStage(stage)


def test_a_game_of_ours_repeats_itself_and_restores_and_then_plays_by_its_own_rules(stages):
    experiment = stages.stage.experiment
    assert rehearse(stages.stage) == GOOD
    assert stages.stage.experiment is experiment


def test_a_rehearsal_is_short_and_leaves_the_known_way_in_the_middle(stages):
    rehearse(stages.stage)
    first, fork, shared_first, shared_fork, again = stages.frames
    assert first == fork == shared_first == again == 1 + 120
    assert 60 <= shared_fork <= 60 + 32  # from a savestate before the fork to the end


def broken_step(stages, monkeypatch) -> None:
    """Every 70th frame of this process is played twice: never at the same place of an episode again."""
    step, counter = stages.stage.emulator.step, itertools.count()

    def flaky(masks):
        step(masks)
        if next(counter) % 70 == 69:
            step(masks)

    monkeypatch.setattr(stages.stage.emulator, "step", flaky)


def broken_screen(stages, monkeypatch) -> None:
    """Memory is repeated, the picture flickers: the rest of an earlier one stays in its corner now and then."""
    screen, counter = stages.stage.emulator.screen, itertools.count()

    def flicker():
        picture = screen().copy()
        picture[:16, :16] += next(counter) % 61 == 0
        return picture

    monkeypatch.setattr(stages.stage.emulator, "screen", flicker)


def faint_screen(stages, monkeypatch) -> None:
    """One pixel flickers, by a shade that no network sees."""
    screen, counter = stages.stage.emulator.screen, itertools.count()

    def flicker():
        picture = screen().copy()
        picture[0, 0] ^= next(counter) % 61 == 0
        return picture

    monkeypatch.setattr(stages.stage.emulator, "screen", flicker)


@pytest.mark.parametrize("broken", [broken_step, broken_screen, faint_screen])
def test_a_game_that_does_not_repeat_itself_is_found_out(stages, monkeypatch, broken):
    broken(stages, monkeypatch)
    assert not rehearse(stages.stage).repeats


def late_restore(stages, monkeypatch) -> None:
    """A frame is lost on the way back."""
    restore, step = stages.stage.emulator.restore, stages.stage.emulator.step

    def late(state):
        restore(state)
        step((0,))

    monkeypatch.setattr(stages.stage.emulator, "restore", late)


def pale_restore(stages, monkeypatch) -> None:
    """The console's memory comes back and its colours do not, until the next start state is loaded."""
    emulator, pale = stages.stage.emulator, []
    restore, reset, screen = emulator.restore, emulator.reset, emulator.screen
    monkeypatch.setattr(emulator, "restore", lambda state: (pale.append(True), restore(state)))
    monkeypatch.setattr(emulator, "reset", lambda state: (pale.clear(), reset(state)))
    monkeypatch.setattr(emulator, "screen", lambda: screen() // (2 if pale else 1))


@pytest.mark.parametrize("broken", [late_restore, pale_restore])
def test_a_game_that_cannot_be_gone_on_with_is_found_out(stages, monkeypatch, broken):
    broken(stages, monkeypatch)
    assert rehearse(stages.stage) == Found(repeats=True, restores=False)


def played_by_twins(evaluator: SavingEvaluator, experiment: neat_retro.Experiment) -> list[int]:
    """Return how many frames are emulated for each of two genomes with one network."""
    config = resolve.neat_config(experiment)
    genome = next(iter(neat.Population(config).population.values()))
    agents = (NetworkAgent(compile_genome(genome, config.genome_config)),)
    return [r.emulated for r in evaluator.play([Job(key, agents, (EpisodeSpec(Start("Level1-1")),)) for key in (1, 2)])]


def test_a_game_that_is_relied_on_is_spared_both_ways(stages):
    experiment = stages.stage.experiment
    evaluator = SavingEvaluator(stages, experiment)
    assert evaluator.begin() == []
    assert stages.stage.experiment.episode.share
    first, second = played_by_twins(evaluator, experiment)
    assert first > second == 0


def test_what_the_experiment_wants_off_stays_off(stages):
    experiment = dataclasses.replace(
        stages.stage.experiment, episode=dataclasses.replace(stages.stage.experiment.episode, reuse=False, share=False)
    )
    stages.use(experiment)
    evaluator = SavingEvaluator(stages, experiment)
    assert evaluator.begin() == []
    assert stages.frames == [], "there is nothing to rehearse for"
    first, second = played_by_twins(evaluator, experiment)
    assert first == second > 0


def test_sharing_alone_reuses_no_result(stages):
    shared = stages.stage.experiment
    experiment = dataclasses.replace(shared, episode=dataclasses.replace(shared.episode, reuse=False))
    evaluator = SavingEvaluator(stages, experiment)
    assert evaluator.begin() == []
    stages.frames.clear()
    first, second = played_by_twins(evaluator, experiment)
    assert first > second == 0
    assert stages.frames == [first, second], "both were played, the second one from memory"


def test_where_savestates_fail_sharing_goes_off_and_reuse_stays(stages, monkeypatch):
    experiment = stages.stage.experiment
    late_restore(stages, monkeypatch)
    evaluator = SavingEvaluator(stages, experiment)
    assert evaluator.begin() == [NOT_RESTORED]
    assert not stages.stage.experiment.episode.share
    first, second = played_by_twins(evaluator, experiment)
    assert first > second == 0


def test_where_nothing_is_repeated_both_go_off(stages, monkeypatch):
    experiment = stages.stage.experiment
    broken_step(stages, monkeypatch)
    evaluator = SavingEvaluator(stages, experiment)
    assert evaluator.begin() == [NOT_REPEATED]
    assert not stages.stage.experiment.episode.share
    assert all(played_by_twins(evaluator, experiment))
