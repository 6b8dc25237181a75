"""A champion's file: complete, readable without this package, and true."""

from __future__ import annotations

import pickle
import pickletools
import shutil
from pathlib import Path

import numpy as np
import pytest

import neat_retro
from neat_retro.errors import ChampionError, CorruptPickleError, PickleError, UnsafePickleError

TRACE = """
import sys
import neat_retro
from neat_retro.output.replay import open_stage, verify
from neat_retro.evolution.champion import champion_agent

if __name__ == "__main__":
    champion = neat_retro.load_champion(sys.argv[1])
    with open_stage(champion) as stage:
        for number, (episode, hashed) in enumerate(zip(champion.episodes, champion.trajectories, strict=True)):
            result, trajectory = stage.trace((champion_agent(champion),), episode.spec)
            assert result == episode, (result, episode)
            assert trajectory == hashed
            assert verify(champion, number, stage).same
    print(champion.fitness)
"""
PLAIN_PICKLE = """
import pickle, sys
sys.modules["neat_retro"] = None
with open(sys.argv[1], "rb") as file:
    champion = pickle.load(file)
assert sorted(champion) == sorted(sys.argv[2].split())
print(type(champion["genome"]).__module__, champion["genome"].fitness, champion["game"])
"""
KEYS = "format_version genome experiment game rom_sha1 generation fitness versions episodes"


def test_a_saved_champion_reads_back_equal(champion, left, tmp_path: Path):
    champion.save(tmp_path / "again.pkl")
    again = neat_retro.load_champion(tmp_path / "again.pkl")
    assert left.genome(again.genome) == left.genome(champion.genome)
    for part in ("experiment", "rom_sha1", "generation", "episodes", "trajectories", "versions", "game", "fitness"):
        assert getattr(again, part) == getattr(champion, part), part
    assert [e.decisions.dtype for e in again.episodes] == [np.uint16]
    assert left.champion(tmp_path / "again.pkl")["format_version"] == 1


def test_a_champion_says_what_it_is(champion, uninterrupted, left):
    record = left.history(uninterrupted)[champion.generation]
    assert (
        champion.fitness == record["best_fitness"] == max(line["best_fitness"] for line in left.history(uninterrupted))
    )
    assert champion.game == "Nesplat-Nes"
    assert champion.fitness == np.mean([sum(episode.terms) for episode in champion.episodes])
    assert set(champion.versions) == {"python", "machine", "numpy", "neat-python", "stable-retro", "neat-retro"}
    assert len(champion.rom_sha1) == 40
    assert all(len(trajectory) == 64 for trajectory in champion.trajectories)
    # what the traced replay did is what the genome did when it won
    arrays = left.arrays(uninterrupted, champion.generation)
    row = arrays["key"].tolist().index(champion.genome.key)
    (episode,) = champion.episodes
    assert arrays["terms"][row].tolist() == list(episode.terms)
    end = arrays["decisions_end"][row]
    np.testing.assert_array_equal(arrays["decisions"][end - len(episode.decisions) : end], episode.decisions)


def test_there_is_one_champion_for_each_generation_that_improved(uninterrupted, left):
    best, improved = -np.inf, []
    for line in left.history(uninterrupted):
        if line["best_fitness"] > best:
            best = line["best_fitness"]
            improved.append(f"{line['generation']:04}.pkl")
    files = sorted((uninterrupted / "champions").iterdir())
    assert [path.name for path in files] == improved
    assert [neat_retro.load_champion(path).generation for path in files] == [int(path.stem) for path in files]
    assert files[-1].read_bytes() == (uninterrupted / "champion.pkl").read_bytes()


def test_a_fresh_process_repeats_the_trajectory(uninterrupted, champion, processes):
    done = processes.run(TRACE, uninterrupted / "champion.pkl")
    assert done.stderr == ""
    assert done.returncode == 0
    assert float(done.stdout) == champion.fitness


def test_plain_pickle_opens_a_champion_where_this_package_is_missing(uninterrupted, champion, processes):
    done = processes.run(PLAIN_PICKLE, uninterrupted / "champion.pkl", KEYS)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.split() == ["neat.genome", str(champion.fitness), "Nesplat-Nes"]


def test_a_champion_names_no_module_but_neat_pythons(uninterrupted):
    content = (uninterrupted / "champion.pkl").read_bytes()
    operations = list(pickletools.genops(content))
    assert not any(code.name in ("GLOBAL", "INST", "REDUCE", "BUILD_EX") for code, _, _ in operations)
    strings = {argument for _, argument, _ in operations if isinstance(argument, str)}
    assert {text for text in strings if text.startswith(("neat", "stable_retro", "numpy")) and "." in text} == {
        "neat.genome",
        "neat.genes",
    }


def altered(champion_file: Path, tmp_path: Path, **changes: object) -> Path:
    content = pickle.loads(champion_file.read_bytes())
    path = tmp_path / "altered.pkl"
    path.write_bytes(pickle.dumps({k: v for k, v in (content | changes).items() if v is not KeyError}))
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format_version": 2}, "is a champion of format 2; this neat-retro reads 1. Update neat-retro"),
        ({"format_version": KeyError}, "is not a champion: it has no format_version"),
        ({"genome": "none"}, "is a damaged champion: TypeError at genome"),
        ({"episodes": [{"state": "Level1-1"}]}, "is a damaged champion: KeyError"),
        ({"rom_sha1": KeyError}, "is a damaged champion: KeyError at 'rom_sha1'"),
        ({"versions": 3}, "is a damaged champion"),
        ({"generation": "first"}, "is a damaged champion: ValueError"),
    ],
)
def test_what_is_no_champion_is_said(changes, words, uninterrupted, tmp_path: Path):
    with pytest.raises(ChampionError) as caught:
        neat_retro.load_champion(altered(uninterrupted / "champion.pkl", tmp_path, **changes))
    assert words in str(caught.value)


def test_an_experiment_that_is_none_is_said(uninterrupted, tmp_path: Path):
    with pytest.raises(neat_retro.NeatRetroError, match=r"altered\.pkl"):
        neat_retro.load_champion(altered(uninterrupted / "champion.pkl", tmp_path, experiment="[Game]\nplayer = 1\n"))
    with pytest.raises(ChampionError, match="damaged"):
        neat_retro.load_champion(altered(uninterrupted / "champion.pkl", tmp_path, experiment=3))


def test_a_bare_genome_is_told_how_to_be_replayed(champion, tmp_path: Path):
    (tmp_path / "winner.pkl").write_bytes(pickle.dumps(champion.genome))
    with pytest.raises(ChampionError, match=r"(?s)is a bare genome.*neat-retro replay .*winner.pkl .*--legacy"):
        neat_retro.load_champion(tmp_path / "winner.pkl")


@pytest.mark.parametrize("size", [0, 1, 50, 1000, -1])
def test_a_truncated_champion_is_corrupt(size: int, uninterrupted, tmp_path: Path):
    content = (uninterrupted / "champion.pkl").read_bytes()
    (tmp_path / "champion.pkl").write_bytes(content[:size])
    with pytest.raises(CorruptPickleError, match=r"champion\.pkl"):
        neat_retro.load_champion(tmp_path / "champion.pkl")


def test_a_hostile_champion_is_refused(uninterrupted, tmp_path: Path):
    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return shutil.rmtree, (str(tmp_path),)

    with pytest.raises(UnsafePickleError, match="rmtree"):
        neat_retro.load_champion(altered(uninterrupted / "champion.pkl", tmp_path, genome=Hostile()))
    assert tmp_path.exists()


def test_a_missing_champion_is_said(tmp_path: Path):
    with pytest.raises((PickleError, ChampionError), match=r"champion\.pkl"):
        neat_retro.load_champion(tmp_path / "champion.pkl")


def test_a_checkpoint_in_a_champions_place_is_told_as_what_it_is(uninterrupted: Path):
    path = uninterrupted / "checkpoints" / "0003.pkl"
    with pytest.raises(ChampionError, match=r"0003\.pkl is a checkpoint, a whole population\. A run's champion is"):
        neat_retro.load_champion(path)
