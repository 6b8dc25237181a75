"""The promise: a config file says what it says, reads back from what is written, and every slip is named."""

from __future__ import annotations

import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.errors import ExperimentError
from neat_retro.experiment import Draft, Experiment, read_draft
from neat_retro.experiment.reader import split_list

FULL = """
# A comment
[Game]
game = Airstriker-Genesis
states = Level1, Level2
    Level3
scenario = mine

[Variables]
x = hi * 256 + lo
Speed = max(change(x),
    0)

[Observation]
kind = variables
variables = x / 256, max(x, Speed), lo
normalise = -1..1
stack = 2

[Actions]
kind = argmax
combos = nothing, RIGHT, RIGHT+A
cut = 0.25

[Fitness]
; another comment
Score = gain score times 0.1
score = bonus 100
    when x > 3000
ratio = my.package:Name a=b

[Episode]
frame_skip = 2
done =
life_lost = lives
goal = x > 3000

[Run]
seed = 7
stop_when_solved = no

[NEAT]
pop_size = 20
FITNESS_THRESHOLD = 100

[DefaultGenome]
activation_options = sigmoid tanh
    relu
"""


def read(text, source="file.cfg"):
    return Draft.from_text(text, source).experiment()


def refusal(text):
    with pytest.raises(ExperimentError) as caught:
        read(text)
    return str(caught.value)


# --- what is read


def test_every_section_is_read():
    experiment = read(FULL)
    assert experiment.game.states == ("Level1", "Level2", "Level3")
    assert experiment.variables == {"x": "hi * 256 + lo", "Speed": "max(change(x),\n0)"}
    assert experiment.observation.variables == ("x / 256", "max(x, Speed)", "lo")
    assert (experiment.actions.combos, experiment.actions.cut) == (("nothing", "RIGHT", "RIGHT+A"), 0.25)
    assert list(experiment.fitness) == ["Score", "score", "ratio"]
    assert experiment.fitness["ratio"] == "my.package:Name a=b"
    assert (experiment.episode.done, experiment.episode.goal) == ("", "x > 3000")
    assert (experiment.run.seed, experiment.seed, experiment.run.stop_when_solved) == (7, 7, False)
    assert experiment.neat["NEAT"] == {"pop_size": "20", "fitness_threshold": "100"}


def test_a_key_that_is_left_out_has_its_default():
    assert read("[Game]\ngame = x") == dataclasses.replace(Experiment(), game=read("[Game]\ngame = x").game)


def test_an_experiment_cannot_be_changed():
    experiment = read(FULL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        experiment.run = None
    for mapping in (experiment.fitness, experiment.variables, experiment.neat, experiment.neat["NEAT"]):
        with pytest.raises(TypeError):
            mapping["new"] = "value"


def test_an_experiment_without_a_seed_says_so():
    with pytest.raises(ValueError, match="it has no seed yet"):
        _ = Experiment().seed


def test_where_an_experiment_came_from_does_not_make_it_another():
    assert read(FULL, "a.cfg") == read(FULL, "b.cfg")


# --- round trips


def test_what_is_written_reads_back_equal():
    experiment = read(FULL)
    assert read(experiment.to_text()) == experiment
    assert read(experiment.to_text()).to_text() == experiment.to_text()


def test_an_experiment_crosses_a_process_border_unchanged():
    experiment = read(FULL)
    copy = pickle.loads(pickle.dumps(experiment))
    assert (copy, copy.source) == (experiment, "file.cfg")


@pytest.mark.parametrize("key", ["done", "life_lost", "goal"])
def test_an_emptied_key_stays_empty(key):
    """`done =` is no done condition at all; its default would be the scenario's."""
    experiment = read(f"[Episode]\n{key} =\n")
    assert getattr(experiment.episode, key) == ""
    assert read(experiment.to_text()) == pickle.loads(pickle.dumps(experiment)) == experiment


words = st.text(st.sampled_from("abcXYZ_019 +-*/()<>=:.#;%[]é"), min_size=1, max_size=20).map(str.strip).filter(bool)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
lines = st.lists(words.filter(lambda w: w[0] not in "#;"), min_size=1, max_size=3).map("\n".join)


@given(
    fitness=st.dictionaries(names, lines, max_size=4),
    variables=st.dictionaries(names, lines, max_size=4),
    goal=lines,
    cut=st.floats(allow_nan=False, allow_infinity=False),
    seed=st.none() | st.integers(0, 2**63),
    skip=st.integers(1, 3600),
    kind=st.one_of(st.just(""), words),
)
def test_whatever_is_set_reads_back_equal(fitness, variables, goal, cut, seed, skip, kind):
    draft = Draft.from_text("", "file.cfg")
    for section, keys in (("Fitness", fitness), ("Variables", variables)):
        for key, text in keys.items():
            draft.set(section, key, text)
    draft.set("Episode", "goal", goal)
    draft.set("Episode", "frame_skip", str(skip))
    draft.set("Actions", "cut", repr(cut))
    draft.set("Actions", "kind", kind)
    draft.set("Run", "seed", str(seed))
    experiment = draft.experiment()
    assert (experiment.fitness, experiment.episode.goal, experiment.actions.cut) == (fitness, goal, cut)
    assert experiment.run.seed == seed
    assert read(experiment.to_text()) == experiment


@given(st.text(st.sampled_from("[]=:#; \n\tabGameFitnessNEAT019,.()\0é"), max_size=80))
def test_any_text_is_an_experiment_or_an_experiment_error(text):
    try:
        experiment = read(text)
    except ExperimentError as error:
        assert "file.cfg" in str(error)
    else:
        assert read(experiment.to_text()) == experiment


# --- lists


def test_lists_are_split_outside_parentheses_only():
    assert split_list("a, max(b, min(c, d)),e\n f,,\n") == ["a", "max(b, min(c, d))", "e", "f"]
    assert split_list("max(a,\nb), c") == ["max(a,\nb)", "c"]
    assert split_list("") == []


# --- files


def test_a_file_is_read_with_and_without_a_byte_order_mark(tmp_path):
    for name, start in (("plain.cfg", b""), ("windows.cfg", b"\xef\xbb\xbf")):
        (tmp_path / name).write_bytes(start + "[Game]\r\ngame = Spiel-Größe\r\n".encode())
        assert read_draft(tmp_path / name).experiment().game.game == "Spiel-Größe"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ExperimentError, match=r"Cannot read the config .*none\.cfg: No such file"):
        read_draft(tmp_path / "none.cfg")
    with pytest.raises(ExperimentError, match=r"Cannot read the config .*: Is a directory"):
        read_draft(tmp_path)
    (tmp_path / "binary.cfg").write_bytes(b"[Game]\n\xff\xfe")
    with pytest.raises(ExperimentError, match=r"binary\.cfg is not a text file \(byte 7 is not UTF-8\)"):
        read_draft(tmp_path / "binary.cfg")


# --- --set


def test_an_override_wins_over_the_file():
    draft = Draft.from_text(FULL, "file.cfg")
    draft.override("Episode.frame_skip=6")
    draft.override(" Fitness.Score = change score ")
    draft.override("NEAT.pop_size=33")
    experiment = draft.experiment()
    assert experiment.episode.frame_skip == 6
    assert experiment.fitness["Score"] == "change score"
    assert experiment.neat["NEAT"]["pop_size"] == "33"


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("Episode.noops=-1", "noops = -1 should be at least 0."),
        ("Episode.frame_skip=two", "frame_skip = two should be a whole number."),
        ("Run.stop_when_solved=perhaps", "stop_when_solved = perhaps should be True or False."),
        ("Actions.kindd=argmax", "unknown key 'kindd'. Did you mean 'kind'?"),
        ("Fitness.#a=gain score", "'#a' is not a name."),
        ("NEAT.pop_size=1", "pop_size = 1 should be at least 2."),
        ("NEAT.popsize=1", "unknown key 'popsize'."),
        ("NEAT.fitness_criterion=best", "fitness_criterion = best should be one of"),
        ("DefaultGenome.initial_connection=all", "initial_connection = all should be one of"),
    ],
)
def test_a_bad_value_of_an_override_is_the_overrides_not_the_files(assignment, words):
    for option in ("", "--an-option 7"):
        draft = Draft.from_text(FULL, "file.cfg")
        draft.override(assignment, option)
        with pytest.raises(ExperimentError) as caught:
            draft.experiment()
        assert str(caught.value).startswith(f"{option or f'--set {assignment}'}: {words}")
        assert "file.cfg" not in str(caught.value)


def test_a_bad_value_of_the_file_is_still_the_files_beside_an_override():
    draft = Draft.from_text("[Episode]\nnoops = -1\n", "file.cfg")
    draft.override("Episode.frame_skip=2")
    with pytest.raises(ExperimentError, match=r"^file\.cfg, \[Episode\]: noops = -1 should be"):
        draft.experiment()


def test_an_experiment_knows_where_its_values_came_from_in_any_process():
    draft = Draft.from_text(FULL, "file.cfg")
    draft.override("Episode.goal=x > 9")
    draft.override("NEAT.pop_size=33", "--population 33")
    experiment = pickle.loads(pickle.dumps(draft.experiment()))
    assert experiment.place("NEAT", "pop_size") == "--population 33"
    assert experiment.place("Episode", "noops") == "file.cfg, [Episode]"
    assert experiment.line("Episode", "goal") == "--set Episode.goal=x > 9"
    assert experiment.line("Episode", "done") == "file.cfg, [Episode] done"
    assert experiment.section_place("Episode") == "file.cfg, [Episode] with --set Episode.goal=x > 9"
    assert experiment.section_place("Actions") == "file.cfg, [Actions]"


@pytest.mark.parametrize("nothing", ["", " ", "none", "None"])
def test_an_override_takes_out_a_line_that_has_no_default(nothing):
    draft = Draft.from_text("[Fitness]\na = gain x\nb = gain y\n[Episode]\ngoal = x > 9\ndone = x > 7\n", "file.cfg")
    draft.override(f"Fitness.a={nothing}")
    draft.override(f"Episode.done={nothing}")
    experiment = draft.experiment()
    assert dict(experiment.fitness) == {"b": "gain y"}
    assert experiment.episode.done == nothing.strip()  # a key that means something else by it
    with pytest.raises(
        ExperimentError, match=r"^--set Fitness\.B=none: \[Fitness\] has no line 'B'\. Did you mean 'b'\?$"
    ):
        draft.override("Fitness.B=none")
    with pytest.raises(ExperimentError, match=r"\[Variables\] has no line 'x'\.$"):
        draft.override("Variables.x=")


@pytest.mark.parametrize("assignment", ["Episode.frame_skip", "frame_skip=4", "Episode.=4", ".frame_skip=4", "=", ""])
def test_an_override_of_another_form_shows_the_right_one(assignment):
    with pytest.raises(ExperimentError) as caught:
        Draft.from_text("", "file.cfg").override(assignment)
    assert f"--set {assignment}: write it as Section.key=value, for example Episode.frame_skip=4" in str(caught.value)


def test_an_override_of_an_unknown_section_suggests_one():
    with pytest.raises(ExperimentError, match=r"no section \[Episod\]\. Did you mean 'Episode'\?\n  Sections: Game, "):
        Draft.from_text("", "file.cfg").override("Episod.frame_skip=4")


@pytest.mark.parametrize("name", ["a:b", "#a", ";a", "[a"])
def test_an_override_cannot_make_a_name_that_a_file_would_not_keep(name):
    draft = Draft.from_text("", "file.cfg")
    draft.override(f"Fitness.{name}=gain score")
    with pytest.raises(ExperimentError, match="is not a name"):
        draft.experiment()


# --- plain neat-python configs

PLAIN = "[NEAT]\nPop_Size = 20\n[DefaultGenome]\nnum_hidden = 3\n"


def test_a_plain_neat_config_is_known_as_one_and_filled_in_aloud():
    draft = Draft.from_text(PLAIN, "old.cfg")
    assert draft.is_plain_neat
    draft.fill_neat_keys()
    assert draft.sections["NEAT"]["pop_size"] == "20"
    assert draft.sections["DefaultGenome"]["num_hidden"] == "3"
    told = "\n".join(draft.notes)
    assert "old.cfg, [NEAT]: filled in fitness_criterion = max" in told
    assert "no_fitness_termination = False" in told
    assert "old.cfg, [DefaultSpeciesSet]: filled in compatibility_threshold = 3.0" in told
    assert "pop_size" not in told
    assert "num_hidden" not in told


def test_a_config_of_ours_is_filled_in_silently():
    draft = Draft.from_text("[Game]\ngame = x\n" + PLAIN, "ours.cfg")
    draft.fill_neat_keys()
    assert not draft.is_plain_neat
    assert draft.notes == []
    assert draft.sections["DefaultStagnation"]["max_stagnation"] == "20"


def test_a_foreign_section_of_a_plain_config_is_left_out_aloud():
    draft = Draft.from_text(PLAIN + "[Tool]\na = 1\n", "old.cfg")
    assert "Tool" not in draft.experiment().neat
    assert draft.notes == ["old.cfg: section [Tool] is not neat-python's and was left out"]


@pytest.mark.parametrize(("wrong", "right"), [("DefaultGenom", "DefaultGenome"), ("Fitnes", "Fitness")])
def test_a_misspelt_section_of_a_plain_config_is_not_left_out(wrong, right):
    words = refusal(f"[Tool]\na = 1\n[NEAT]\npop_size = 20\n[{wrong}]\na = 1\n")
    assert f"unknown section [{wrong}]. Did you mean '{right}'?" in words


# --- the words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[Episode]\nframeskip = 4",
            "[Episode]: unknown key 'frameskip'. Did you mean 'frame_skip'?\n  Keys: frame_skip",
        ),
        ("[Episode]\nframe_skip = four", "[Episode]: frame_skip = four should be a whole number."),
        ("[Episode]\nframe_skip = 4.5", "frame_skip = 4.5 should be a whole number."),
        ("[Episode]\nframe_skip = 4 # four", "frame_skip = 4 # four should be a whole number."),
        ("[Episode]\nframe_skip =", "frame_skip =  should be a whole number."),
        ("[Episode]\nframe_skip = 0", "[Episode]: frame_skip = 0 should be at least 1."),
        ("[Episode]\nmax_frames = 0", "max_frames = 0 should be at least 1."),
        ("[Episode]\nstall_frames = -1", "stall_frames = -1 should be at least 0."),
        ("[Episode]\nnoops = -1", "noops = -1 should be at least 0."),
        ("[Episode]\nepisodes = 0", "episodes = 0 should be at least 1."),
        ("[Episode]\nframe_skip = 3601", "[Episode]: frame_skip = 3601 should be at most 3600."),
        ("[Episode]\nnoops = 100000000", "noops = 100000000 should be at most 3600."),
        ("[Episode]\nepisodes = 1001", "episodes = 1001 should be at most 1000."),
        ("[Observation]\nstack = 65", "[Observation]: stack = 65 should be at most 64."),
        ("[Observation]\ndownscale = 0", "[Observation]: downscale = 0 should be at least 1."),
        ("[Observation]\nstack = 0", "stack = 0 should be at least 1."),
        ("[Actions]\ncut = half", "[Actions]: cut = half should be a number."),
        ("[Actions]\ncut = nan", "cut = nan should be a number."),
        ("[Actions]\ncut = inf", "cut = inf should be a number."),
        ("[Run]\ngenerations = 0", "[Run]: generations = 0 should be at least 1."),
        ("[Run]\ncheckpoints = 0", "checkpoints = 0 should be at least 1."),
        ("[Run]\nseed = -1", "seed = -1 should be at least 0."),
        ("[Run]\nseed = x", "seed = x should be a whole number."),
        ("[Run]\nstop_when_solved = maybe", "stop_when_solved = maybe should be True or False."),
        (
            "[Game]\ngame = x\n[Observations]\n",
            "unknown section [Observations]. Did you mean 'Observation'?\n  Sections: ",
        ),
        ("[DEFAULT]\na = 1\n[Game]\n", "a [DEFAULT] section is not read. Move its keys where they belong."),
        ("[Game]\ngame = x\n\ngame = y", "file.cfg, line 4, [Game]: game is given twice. Remove one."),
        ("[Fitness]\na = 1\na = 2", "file.cfg, line 3, [Fitness]: a is given twice. Remove one."),
        ("[NEAT]\npop_size = 3\nPOP_SIZE = 4", "file.cfg, [NEAT]: pop_size is given twice. Remove one."),
        ("[Game]\n[Run]\n[Game]\n", "file.cfg, line 3: section [Game] appears twice. Join the two."),
        ("game = x", "file.cfg, line 1: 'game = x' stands before any [Section]. Is this a config?"),
        (
            "[Game]\nAirstriker\n[Run]\n",
            "file.cfg, line 2: cannot read 'Airstriker'. Lines are `key = value` or `[Section]`.",
        ),
        ("[NEAT]\npopsize = 3", "file.cfg, [NEAT]: unknown key 'popsize'. Did you mean 'pop_size'?"),
    ],
)
def test_a_slip_is_named_with_its_place_and_cure(text, words):
    assert words in refusal(text)
    assert refusal(text).startswith("file.cfg")
