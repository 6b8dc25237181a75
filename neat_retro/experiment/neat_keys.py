"""neat-python's config keys: which exist, what each must look like, and a value for those a file lacks.

Four are ours: `target_species`, `mutate_only_prob`, `imprint_prob` and `imprint_last`. No file gets them that has none,
so that it stays one that neat-python reads.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import neat
from neat.genes import DefaultConnectionGene, DefaultNodeGene

from neat_retro.errors import ExperimentError, did_you_mean

Place = Callable[[str, str], str]  # where a key of a section was given, in words

# What a file that leaves a key out gets. Where neat-python has a default of its own, this is that default;
# the rates are those of its XOR example, apart from initial connections: dense pixel inputs drown a start.
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "NEAT": {
        "fitness_criterion": "max",
        "fitness_threshold": "1e9",
        "pop_size": "100",
        "reset_on_extinction": "False",
        "no_fitness_termination": "False",
    },
    "DefaultGenome": {
        "num_hidden": "0",
        "feed_forward": "True",
        "initial_connection": "partial_direct 0.02",
        "compatibility_disjoint_coefficient": "1.0",
        "compatibility_weight_coefficient": "0.5",
        "conn_add_prob": "0.5",
        "conn_delete_prob": "0.2",
        "node_add_prob": "0.2",
        "node_delete_prob": "0.1",
        "single_structural_mutation": "False",
        "structural_mutation_surer": "default",
        "bias_init_mean": "0.0",
        "bias_init_stdev": "1.0",
        "bias_init_type": "gaussian",
        "bias_max_value": "30.0",
        "bias_min_value": "-30.0",
        "bias_mutate_power": "0.5",
        "bias_mutate_rate": "0.7",
        "bias_replace_rate": "0.1",
        "response_init_mean": "1.0",
        "response_init_stdev": "0.0",
        "response_init_type": "gaussian",
        "response_max_value": "30.0",
        "response_min_value": "-30.0",
        "response_mutate_power": "0.0",
        "response_mutate_rate": "0.0",
        "response_replace_rate": "0.0",
        "time_constant_init_mean": "1.0",
        "time_constant_init_stdev": "0.0",
        "time_constant_init_type": "gaussian",
        "time_constant_max_value": "10.0",
        "time_constant_min_value": "0.01",
        "time_constant_mutate_power": "0.0",
        "time_constant_mutate_rate": "0.0",
        "time_constant_replace_rate": "0.0",
        "activation_default": "sigmoid",
        "activation_mutate_rate": "0.0",
        "activation_options": "sigmoid",
        "aggregation_default": "sum",
        "aggregation_mutate_rate": "0.0",
        "aggregation_options": "sum",
        "weight_init_mean": "0.0",
        "weight_init_stdev": "1.0",
        "weight_init_type": "gaussian",
        "weight_max_value": "30",
        "weight_min_value": "-30",
        "weight_mutate_power": "0.5",
        "weight_mutate_rate": "0.8",
        "weight_replace_rate": "0.1",
        "enabled_default": "True",
        "enabled_mutate_rate": "0.01",
        "enabled_rate_to_true_add": "0.0",
        "enabled_rate_to_false_add": "0.0",
    },
    "DefaultSpeciesSet": {"compatibility_threshold": "3.0"},
    "DefaultStagnation": {"species_fitness_func": "max", "max_stagnation": "20", "species_elitism": "2"},
    "DefaultReproduction": {"elitism": "2", "survival_threshold": "0.2", "min_species_size": "2"},
}
# Keys of ours in neat-python's sections.
OURS: Mapping[str, Mapping[str, type]] = {
    "DefaultGenome": {"mutate_only_prob": float, "imprint_prob": float, "imprint_last": int},
    "DefaultSpeciesSet": {"target_species": int},
}
# Below these neat-python breaks in the middle of a run.
_LEAST = {
    "pop_size": 2,
    "seed": 0,
    "num_hidden": 0,
    "imprint_last": 0,
    "max_stagnation": 1,
    "species_elitism": 0,
    "elitism": 0,
    "min_species_size": 1,
    "survival_threshold": 0,
    "compatibility_threshold": 0,
    "target_species": 0,
}
# Beyond these a run would fill the memory before its first generation.
_MOST = {"pop_size": 100_000, "num_hidden": 1_000}
_FRACTIONS = ("_prob", "_rate", "survival_threshold")  # how the keys end that are from 0 to 1
_NOT_NEGATIVE = ("_init_stdev", "_mutate_power")
_MAY_BE_INFINITE = ("_threshold", "_max_value", "_min_value")
_ATTRIBUTES = ("bias", "response", "time_constant", "weight")
# Pairs of which neat-python needs the first to be no more than the second.
_ORDERED = (
    *((("DefaultGenome", f"{a}_min_value"), ("DefaultGenome", f"{a}_max_value")) for a in _ATTRIBUTES),
    (("DefaultReproduction", "elitism"), ("NEAT", "pop_size")),
    (("DefaultReproduction", "min_species_size"), ("NEAT", "pop_size")),
)
# Derived from the observation and the actions, so no default.
DERIVED = ("num_inputs", "num_outputs")


def missing(sections: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return, per neat-python section, the keys that `sections` lacks, each with the value to use."""
    return {
        name: {key: value for key, value in keys.items() if key not in sections.get(name, {})}
        for name, keys in DEFAULTS.items()
    }


def check(
    source: str, sections: Mapping[str, Mapping[str, str]], origins: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Raise ExperimentError for the first key that neat-python does not know or cannot read.

    It names `source`, or for a `Section.key` of `origins` what that says.
    """

    def place(section: str, key: str) -> str:
        return origins.get(f"{section}.{key}", f"{source}, [{section}]")

    for name, texts in sections.items():
        known = _kinds()[name]
        for key, text in texts.items():
            if key not in known:
                raise ExperimentError(f"{place(name, key)}: unknown key {key!r}.{did_you_mean(key, known)}")
            _check_value(place(name, key), key, text, known[key])
    _check_words(place, sections)
    _check_order(place, sections, origins)


@cache
def _kinds() -> Mapping[str, Mapping[str, type]]:
    """Every neat-python key and its type; its own parameter lists are asked where it has them."""
    genes = itertools.chain(DefaultNodeGene.get_config_params(), DefaultConnectionGene.get_config_params())
    kinds: dict[str, dict[str, type]] = {name: dict.fromkeys(keys, str) for name, keys in DEFAULTS.items()}
    kinds["DefaultGenome"] |= {parameter.name: parameter.value_type for parameter in genes}
    kinds["NEAT"] |= {"pop_size": int, "fitness_threshold": float, "seed": int}
    kinds["NEAT"] |= {"reset_on_extinction": bool, "no_fitness_termination": bool}
    kinds["DefaultGenome"] |= {"num_inputs": int, "num_outputs": int, "num_hidden": int}
    kinds["DefaultGenome"] |= {"feed_forward": bool, "single_structural_mutation": bool}
    probabilities = ("conn_add_prob", "conn_delete_prob", "node_add_prob", "node_delete_prob")
    coefficients = ("compatibility_disjoint_coefficient", "compatibility_weight_coefficient")
    kinds["DefaultGenome"] |= dict.fromkeys((*probabilities, *coefficients), float)
    kinds["DefaultSpeciesSet"] |= {"compatibility_threshold": float, **OURS["DefaultSpeciesSet"]}
    kinds["DefaultGenome"] |= OURS["DefaultGenome"]
    kinds["DefaultStagnation"] |= {"max_stagnation": int, "species_elitism": int}
    kinds["DefaultReproduction"] |= {"elitism": int, "survival_threshold": float, "min_species_size": int}
    return MappingProxyType(kinds)


def _check_value(place: str, key: str, text: str, kind: type) -> None:
    wanted = {int: "a whole number", float: "a number", bool: "True or False"}.get(kind)
    try:
        if kind is int:
            int(text)
        elif kind is float:
            _check_finite(key, float(text))
        elif kind is bool and text.lower() not in ("true", "false"):
            raise ValueError
    except ValueError:
        raise ExperimentError(f"{place}: {key} = {text} should be {wanted}.") from None
    if key in _LEAST and not float(text) >= _LEAST[key]:
        raise ExperimentError(f"{place}: {key} = {text} should be at least {_LEAST[key]}.")
    if key in _MOST and not float(text) <= _MOST[key]:
        raise ExperimentError(f"{place}: {key} = {text} should be at most {_MOST[key]}.")
    if key.endswith(_FRACTIONS) and not 0 <= float(text) <= 1:
        raise ExperimentError(f"{place}: {key} = {text} should be from 0 to 1.")
    if key.endswith(_NOT_NEGATIVE) and float(text) < 0:
        raise ExperimentError(f"{place}: {key} = {text} should be at least 0.")


def _check_finite(key: str, value: float) -> None:
    if math.isnan(value) or (math.isinf(value) and not key.endswith(_MAY_BE_INFINITE)):
        raise ValueError(value)


def _check_order(place: Place, sections: Mapping[str, Mapping[str, str]], origins: Mapping[str, str]) -> None:
    """Check the keys that may not be more than another."""
    for (section, key), (other_section, other) in _ORDERED:
        low = sections.get(section, {}).get(key, DEFAULTS[section][key])
        high = sections.get(other_section, {}).get(other, DEFAULTS[other_section][other])
        if float(low) > float(high):
            # where an option gave the other alone, it is the slip
            given = f"{section}.{key}" not in origins and f"{other_section}.{other}" in origins
            where = place(other_section, other) if given else place(section, key)
            raise ExperimentError(f"{where}: {key} = {low} should be at most {other} = {high}.")


def _check_words(place: Place, sections: Mapping[str, Mapping[str, str]]) -> None:
    """Check the keys whose value is one of a few words."""
    functions = neat.stagnation.stat_functions
    criteria = ("max", "min", "mean")
    _check_word(place, sections, "DefaultStagnation", "species_fitness_func", functions)
    _check_word(place, sections, "NEAT", "fitness_criterion", criteria)
    genome = sections.get("DefaultGenome", {})
    in_any_case = {"DefaultGenome": {key: text.lower() for key, text in genome.items()}}
    truths = ("true", "false", "yes", "no", "on", "off", "1", "0")
    _check_word(place, in_any_case, "DefaultGenome", "enabled_default", (*truths, "random", "none"))
    _check_word(place, in_any_case, "DefaultGenome", "structural_mutation_surer", (*truths, "default"))
    for attribute in _ATTRIBUTES:
        _check_word(place, in_any_case, "DefaultGenome", f"{attribute}_init_type", ("gaussian", "normal", "uniform"))
    start = genome.get("initial_connection", "full").split()
    allowed = neat.genome.DefaultGenomeConfig.allowed_connectivity
    fraction_fits = len(start) == (2 if start and "partial" in start[0] else 1)
    if not start or start[0] not in allowed or not fraction_fits or (len(start) == 2 and not _is_fraction(start[1])):
        where = place("DefaultGenome", "initial_connection")
        raise ExperimentError(
            f"{where}: initial_connection = {genome.get('initial_connection')} should be one of\n"
            f"  {', '.join(allowed)}\n  (the partial ones with a fraction: partial_direct 0.02)"
        )


def _check_word(place: Place, sections: Mapping[str, Mapping[str, str]], section: str, key: str, known: object) -> None:
    text = sections.get(section, {}).get(key)
    words = list(known)  # type: ignore[call-overload]
    if text is not None and text not in words:
        raise ExperimentError(f"{place(section, key)}: {key} = {text} should be one of {', '.join(words)}.")


def _is_fraction(text: str) -> bool:
    try:
        return 0.0 <= float(text) <= 1.0
    except ValueError:
        return False
