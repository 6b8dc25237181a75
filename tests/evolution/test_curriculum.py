"""The promise: a stuck population also trains from just before where it ends, and is judged from the true start."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import neat_retro
from neat_retro.agent.episode import EpisodeSpec, Perturbation, Start, play_episode, pressed_frames
from neat_retro.agent.players import RandomAgent, ScriptedAgent
from neat_retro.evolution.curriculum import Curriculum, stuck_at
from neat_retro.evolution.generations import Evolution
from neat_retro.evolution.jobs import JobResult, training_episodes
from neat_retro.evolution.resolve import settle
from neat_retro.evolution.run_folder import RunFolder
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import CurriculumSection

SECTION = CurriculumSection(patience=2, lead=20, starts=2)
# Ends after at most 64 frames; two generations without a better one are soon there with a small population.
STUCK = {"Curriculum__patience": 1, "Curriculum__lead": 20, "Curriculum__starts": 2}


@pytest.fixture(scope="module")
def played(small):
    """Random episodes with waiting and sticky buttons, and a way to play more."""
    experiment = settle(small(Episode__max_frames=150))
    with Stage(experiment) as stage:
        specs = [
            EpisodeSpec(Start(experiment.game.states[0], ((0,), (1,))), seed, Perturbation(noops=4, sticky=0.3))
            for seed in range(12)
        ]
        yield (
            lambda spec, agent: play_episode(stage.emulator, (agent,), spec, stage.rules),
            [play_episode(stage.emulator, (RandomAgent(),), spec, stage.rules) for spec in specs],
            stage,
        )


def test_a_start_leads_to_the_very_frame_of_the_episode_that_it_was_cut_from(played):
    play, episodes, stage = played
    episode = episodes[0]
    start = stuck_at([[episode]], SECTION, stage.rules)
    left = [masks[0] for masks in pressed_frames(episode, stage.rules)][-SECTION.lead :]
    assert len(left) == SECTION.lead
    play(EpisodeSpec(episode.spec.start, episode.spec.seed, episode.spec.perturbation), replayed(episode))
    end = stage.emulator.screen().copy()
    stage.emulator.reset(start.state)
    for masks in (*start.prefix, *((mask,) for mask in left)):
        stage.emulator.step(masks)
    np.testing.assert_array_equal(stage.emulator.screen(), end)


def replayed(episode):
    return ScriptedAgent(tuple(episode.decisions[:, 0].tolist()))


def test_the_place_is_where_most_of_the_best_fifth_end(played):
    _, episodes, stage = played
    here = [
        dataclasses.replace(episode, final_x=x) for episode, x in zip(episodes[:3], (500.0, 130.0, 140.0), strict=True)
    ]
    rest = [dataclasses.replace(episode, final_x=30.0) for episode in episodes] * 2
    chosen = stuck_at([[each] for each in (*here, *rest[:12])], SECTION, stage.rules)
    assert chosen == stuck_at([[here[1]]], SECTION, stage.rules) != stuck_at([[here[0]]], SECTION, stage.rules)


def test_no_start_is_added_where_the_goal_is_reached_or_the_end_is_near_the_start(played):
    _, episodes, stage = played
    assert stuck_at([[won(episodes[0])]], SECTION, stage.rules) is None
    assert stuck_at([[episodes[0]]], dataclasses.replace(SECTION, lead=episodes[0].frames), stage.rules) is None


def test_a_stalled_episode_ended_where_it_made_its_last_gain(played):
    _, episodes, stage = played
    rules = dataclasses.replace(stage.rules, limits=dataclasses.replace(stage.rules.limits, stall_frames=30))
    stalled, dead = (
        stuck_at([[dataclasses.replace(episodes[0], ending=e)]], SECTION, rules) for e in ("stalled", "life_lost")
    )
    assert len(dead.prefix) - len(stalled.prefix) == 30
    assert stalled.prefix == dead.prefix[:-30]


def test_patience_counts_from_the_last_progress(played):
    _, episodes, stage = played
    curriculum = Curriculum()
    seen = []
    for fitness, ended in ((1, 0), (1, 0), (2, 0), (2, 0), (2, 0), (2, 0), (2, 0), (2, 1), (2, 1), (2, 2), (2, 2)):
        curriculum = curriculum.after(SECTION, stage.rules, [(fitness, JobResult(1, (episodes[ended],), 0))])
        seen.append(curriculum.starts)
    assert [len(starts) for starts in seen] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]  # the same start is not added twice
    assert seen[-1] == (seen[-2][1], stuck_at([[episodes[2]]], SECTION, stage.rules))  # the newest two


def test_when_the_true_starts_are_drawn_anew_progress_is_counted_from_there(played):
    _, episodes, stage = played
    ranked = [(5.0, JobResult(1, (episodes[0],), 0))]
    before = Curriculum(best=9.0, idle=1)
    assert before.after(SECTION, stage.rules, ranked).starts
    anew = before.with_other_draws()
    assert anew.after(SECTION, stage.rules, ranked) == Curriculum(best=5.0)


def test_of_several_levels_the_one_where_most_end_is_trained(played):
    _, episodes, stage = played
    other = dataclasses.replace(episodes[1], spec=dataclasses.replace(episodes[1].spec, start=Start("Other")))
    for ending, state in (("goal", "Other"), ("done", episodes[0].spec.start.state)):
        first, second = dataclasses.replace(episodes[0], ending=ending), dataclasses.replace(other, ending="done")
        ranked = [(1.0, JobResult(1, (first, second), 0))]
        [start] = Curriculum(best=2.0, idle=1).after(SECTION, stage.rules, ranked).starts
        assert start.state == state
    start = stuck_at([(episodes[0], other)] + [(won(episodes[0]), other)] * 9, SECTION, stage.rules)
    assert start is not None and start.state == "Other"  # two of the best fifth end there, one here


def won(episode):
    return dataclasses.replace(episode, ending="goal")


def test_who_starts_within_a_level_does_not_wait_there_again(played):
    _, episodes, stage = played
    waiting = next(episode for episode in episodes if episode.waited)
    start = stuck_at([[waiting]], SECTION, stage.rules)
    assert start is not None and start.prefix[2 : waiting.waited + 2] == ((0,),) * waiting.waited
    [spec] = Curriculum((start,)).episodes([waiting.spec])
    assert (spec.waiting_frames(), waiting.spec.waiting_frames()) == (0, waiting.waited)
    assert spec.perturbation.sticky == waiting.spec.perturbation.sticky


def test_a_run_trains_from_there_too_and_is_judged_from_the_true_start(small, left, tmp_path: Path, monkeypatch):
    experiment = small(**STUCK)
    worth = []
    weigh = Evolution._weigh
    monkeypatch.setattr(
        Evolution, "_weigh", lambda self: (weigh(self), worth.append(dict(self._population.reproduction.worth)))
    )
    end = neat_retro.train(experiment, tmp_path / "run", workers=1)
    history = RunFolder.open(end.folder).history()
    arrays = [left.arrays(end.folder, record.generation) for record in history]
    counts = [len(stored["seed"]) // len(stored["key"]) for stored in arrays]
    assert counts[0] == 1 and max(counts) >= 2
    late = arrays[-1]
    assert counts[-1] > 1
    for row, fitness in enumerate(late["fitness"]):
        mine = late["genome"] == row
        assert fitness == pytest.approx(late["terms"][mine][0].sum())
        assert worth[-1][late["key"][row]] == pytest.approx(late["terms"][mine].sum(axis=1).mean())  # for reproduction
    true = [stored["terms"][:: len(stored["seed"]) // len(stored["key"])].sum(axis=1) for stored in arrays]
    assert [record.best_fitness for record in history] == pytest.approx([each.max() for each in true])
    champion = neat_retro.load_champion(end.folder / "champion.pkl")
    assert [episode.spec for episode in champion.episodes] == list(training_episodes(champion.experiment))
    assert champion.fitness == pytest.approx(max(each.max() for each in true)) == champion.episodes[0].fitness
    assert counts == sorted(counts)
    assert [bool(within) for within in late["from_within"]] == ([False] + [True] * (counts[-1] - 1)) * len(late["key"])


def test_a_run_with_a_curriculum_can_be_rescored_from_its_true_starts(small, tmp_path: Path):
    neat_retro.train(small(**STUCK), tmp_path / "run", workers=2)
    history = RunFolder.open(tmp_path / "run").history()
    rescored = neat_retro.rescore(tmp_path / "run", {}, workers=1)
    best = [change.best.new_fitness for change in rescored.generations()]
    assert best == [record.best_fitness for record in history]


def test_a_resumed_run_goes_on_with_the_same_starts(small, left, tmp_path: Path):
    neat_retro.train(small(**STUCK), tmp_path / "whole", workers=1)
    neat_retro.train(small(**STUCK, Run__generations=7), tmp_path / "parts", workers=1)
    neat_retro.resume(tmp_path / "parts", generations=11, workers=2)
    assert left.history(tmp_path / "parts") == left.history(tmp_path / "whole")
    left.assert_same_generations(tmp_path / "parts", tmp_path / "whole")
