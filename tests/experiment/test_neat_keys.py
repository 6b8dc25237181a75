"""The promise: neat-python accepts what is filled in, and what it would refuse is named before it sees it."""

from __future__ import annotations

import neat
import pytest

from neat_retro.errors import ExperimentError
from neat_retro.experiment import neat_keys


def filled(**changed):
    """Every key with its default, as the file's sections; `changed` are keys of [DefaultGenome]."""
    sections = neat_keys.missing({})
    sections["DefaultGenome"] |= {"num_inputs": "3", "num_outputs": "2"} | changed
    return sections


def neat_config(sections, folder):
    path = folder / "neat.cfg"
    path.write_text(
        "\n".join(
            f"[{name}]\n" + "".join(f"{key} = {text}\n" for key, text in keys.items())
            for name, keys in sections.items()
        )
    )
    kinds = (neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation)
    return neat.Config(*kinds, str(path))


def refusal(section, key, text):
    with pytest.raises(ExperimentError) as caught:
        neat_keys.check("file.cfg", {section: {key: text}})
    return str(caught.value)


def test_neat_python_accepts_a_config_that_was_filled_in_from_nothing(tmp_path):
    config = neat_config(filled(), tmp_path)
    assert config.pop_size == 100
    population = neat.Population(config)
    assert len(population.population) == 100


def test_what_is_filled_in_passes_our_own_check():
    neat_keys.check("file.cfg", filled())


def test_every_key_that_neat_python_knows_is_known(tmp_path):
    config = neat_config(filled(), tmp_path)
    kinds = neat_keys._kinds()
    for name, part in (
        ("DefaultGenome", config.genome_config),
        ("DefaultSpeciesSet", config.species_set_config),
        ("DefaultStagnation", config.stagnation_config),
        ("DefaultReproduction", config.reproduction_config),
    ):
        theirs = {parameter.name: parameter.value_type for parameter in part._params}
        assert theirs | neat_keys.OURS.get(name, {}) == dict(kinds[name])
    own = {parameter.name: parameter.value_type for parameter in neat.Config._Config__params}
    assert own == dict(kinds["NEAT"])


def test_every_key_is_filled_in_but_the_sizes_the_seed_and_our_own():
    missing = neat_keys.missing({})
    left_out = {key for name, keys in neat_keys._kinds().items() for key in keys if key not in missing[name]}
    assert left_out == {
        *neat_keys.DERIVED,
        "seed",
        "target_species",
        "mutate_only_prob",
        "imprint_prob",
        "imprint_last",
    }


def test_only_what_is_missing_is_filled_in():
    missing = neat_keys.missing({"NEAT": {"pop_size": "7"}, "DefaultSpeciesSet": {"compatibility_threshold": "1"}})
    assert "pop_size" not in missing["NEAT"]
    assert missing["NEAT"]["fitness_criterion"] == "max"
    assert missing["DefaultSpeciesSet"] == {}


def test_sizes_are_not_filled_in():
    assert not set(neat_keys.DERIVED) & set(neat_keys.missing({})["DefaultGenome"])


@pytest.mark.parametrize(
    "start", ["full", "unconnected", "fs_neat_hidden", "partial 0.5", "partial_direct 0", "partial_nodirect 1.0"]
)
def test_a_start_that_neat_python_knows_passes(start, tmp_path):
    sections = filled(initial_connection=start)
    neat_keys.check("file.cfg", sections)
    neat_config(sections, tmp_path)


@pytest.mark.parametrize("start", ["", "all", "partial", "partial_direct", "partial 2", "partial x", "full 0.5"])
def test_a_start_that_neat_python_does_not_know_lists_the_known(start):
    words = refusal("DefaultGenome", "initial_connection", start)
    assert f"file.cfg, [DefaultGenome]: initial_connection = {start} should be one of\n  unconnected, " in words
    assert "partial_direct 0.02" in words


@pytest.mark.parametrize(
    ("section", "key", "text", "words"),
    [
        ("NEAT", "popsize", "3", "file.cfg, [NEAT]: unknown key 'popsize'. Did you mean 'pop_size'?"),
        ("NEAT", "pop_size", "many", "file.cfg, [NEAT]: pop_size = many should be a whole number."),
        ("NEAT", "pop_size", "1", "file.cfg, [NEAT]: pop_size = 1 should be at least 2."),
        ("NEAT", "pop_size", "100001", "file.cfg, [NEAT]: pop_size = 100001 should be at most 100000."),
        ("DefaultGenome", "num_hidden", "1001", "num_hidden = 1001 should be at most 1000."),
        ("NEAT", "fitness_threshold", "high", "fitness_threshold = high should be a number."),
        ("NEAT", "fitness_criterion", "Max", "fitness_criterion = Max should be one of max, min, mean."),
        ("NEAT", "fitness_criterion", "best", "fitness_criterion = best should be one of max, min, mean."),
        ("NEAT", "reset_on_extinction", "maybe", "reset_on_extinction = maybe should be True or False."),
        ("DefaultGenome", "weight_mutate_rate", "x", "weight_mutate_rate = x should be a number."),
        ("DefaultGenome", "feed_forward", "1", "feed_forward = 1 should be True or False."),
        ("DefaultGenome", "weigth_init_mean", "1", "unknown key 'weigth_init_mean'. Did you mean 'weight_init_mean'?"),
        ("DefaultStagnation", "species_fitness_func", "maxi", "species_fitness_func = maxi should be one of "),
        ("DefaultGenome", "conn_add_prob", "7", "[DefaultGenome]: conn_add_prob = 7 should be from 0 to 1."),
        ("DefaultGenome", "node_delete_prob", "-0.1", "node_delete_prob = -0.1 should be from 0 to 1."),
        ("DefaultGenome", "weight_mutate_rate", "1.01", "weight_mutate_rate = 1.01 should be from 0 to 1."),
        ("DefaultGenome", "weight_mutate_rate", "nan", "weight_mutate_rate = nan should be a number."),
        ("DefaultGenome", "bias_init_mean", "inf", "bias_init_mean = inf should be a number."),
        ("DefaultGenome", "bias_init_stdev", "-1", "bias_init_stdev = -1 should be at least 0."),
        ("DefaultGenome", "weight_mutate_power", "-1", "weight_mutate_power = -1 should be at least 0."),
        ("DefaultGenome", "enabled_default", "maybe", "enabled_default = maybe should be one of true, false, yes, "),
        ("DefaultGenome", "structural_mutation_surer", "x", "structural_mutation_surer = x should be one of true, "),
        ("NEAT", "fitness_threshold", "nan", "fitness_threshold = nan should be a number."),
        (
            "DefaultGenome",
            "weight_max_value",
            "-31",
            "weight_min_value = -30 should be at most weight_max_value = -31.",
        ),
        ("DefaultGenome", "bias_min_value", "31", "bias_min_value = 31 should be at most bias_max_value = 30.0."),
        ("DefaultReproduction", "elitism", "101", "elitism = 101 should be at most pop_size = 100."),
        ("DefaultReproduction", "min_species_size", "101", "min_species_size = 101 should be at most pop_size = 100."),
        ("DefaultReproduction", "survival_threshold", "1.5", "survival_threshold = 1.5 should be from 0 to 1."),
        ("DefaultReproduction", "survival_threshold", "-1", "survival_threshold = -1 should be at least 0."),
        ("DefaultReproduction", "elitism", "2.5", "elitism = 2.5 should be a whole number."),
    ],
)
def test_a_bad_key_is_named_with_its_cure(section, key, text, words):
    assert words in refusal(section, key, text)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("enabled_default", "false"),
        ("enabled_default", "random"),
        ("enabled_default", "Yes"),
        ("structural_mutation_surer", "true"),
        ("weight_max_value", "inf"),
        ("weight_min_value", "30"),
        ("conn_add_prob", "1"),
        ("weight_init_type", "Gaussian"),
    ],
)
def test_what_neat_python_takes_at_the_edge_passes(key, text, tmp_path):
    sections = filled(**{key: text})
    neat_keys.check("file.cfg", sections)
    neat.Population(neat_config(sections, tmp_path))


def test_of_two_keys_that_disagree_the_one_that_an_option_gave_is_blamed():
    sections = {"NEAT": {"pop_size": "4"}, "DefaultReproduction": {"elitism": "5"}}
    with pytest.raises(ExperimentError, match=r"^file.cfg, \[DefaultReproduction\]: elitism = 5 should be at most pop"):
        neat_keys.check("file.cfg", sections)
    with pytest.raises(ExperimentError, match=r"^--population 4: elitism = 5 should be at most pop_size = 4"):
        neat_keys.check("file.cfg", sections, {"NEAT.pop_size": "--population 4"})
    both = {"NEAT.pop_size": "--population 4", "DefaultReproduction.elitism": "--set DefaultReproduction.elitism=5"}
    with pytest.raises(ExperimentError, match=r"^--set DefaultReproduction.elitism=5: elitism = 5 should be at most"):
        neat_keys.check("file.cfg", sections, both)
