"""`python -m benchmarks.tuning [TRIAL ...]`: train with other settings than those shipped, and compare.

A trial is a few seeds that docs/learning.md does not use. Each that is finished is a line of docs/tuning/TRIAL.jsonl;
what is there is not trained again. `--write` puts the table into docs/tuning.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.learning import SeedRun, reached, read_runs, train_seeds
from benchmarks.learning_tasks import task_named
from benchmarks.record import write_into
from benchmarks.tuning_trials import TRIALS, Trial
from benchmarks.words import check_names, ended

FOLDER = Path(__file__).parent.parent / "docs" / "tuning"
DOCUMENT = FOLDER.parent / "tuning.md"


def main(words: Sequence[str]) -> int:
    """Train what `words` ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tuning", description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help="the trials, all if left out")
    parser.add_argument("--write", action="store_true", help="write the table into docs/tuning.md")
    options = parser.parse_args(words)
    check_names(parser, "trial", options.trials, [trial.name for trial in TRIALS])
    for trial in TRIALS:
        if not options.trials or trial.name in options.trials:
            task = task_named(trial.task)
            settings = {**trial.settings, "Run.generations": trial.generations}
            command = f"python -m benchmarks.tuning {trial.name}"
            train_seeds(task, trial.seeds, settings, FOLDER / f"{trial.name}.jsonl", None, command)
    if options.write:
        write_into(DOCUMENT, as_markdown())
        print(f"wrote {DOCUMENT}")
    return 0


def as_markdown() -> str:
    """Return a table of the trials of each task that have results."""
    lines: list[str] = []
    for name in dict.fromkeys(trial.task for trial in TRIALS):
        tried = [(trial, read_runs(FOLDER / f"{trial.name}.jsonl")) for trial in TRIALS if trial.task == name]
        if not any(runs for _, runs in tried):
            continue
        lines += [
            f"### {task_named(name).what}",
            "",
            "| trial | tried | at the goal | best of each seed | mean of the last |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(trial, runs) for trial, runs in tried if runs]
        lines.append("")
    return "\n".join(lines).rstrip()


def _row(trial: Trial, runs: Sequence[SeedRun]) -> str:
    solved = [run.generations - 1 for run in runs if run.solved]
    when = f", in generation {', '.join(map(str, sorted(solved)))}" if solved else ""
    best = ", ".join(f"{reached(run):.0f}" for run in runs)
    mean = statistics.fmean(run.mean_fitness[-1] for run in runs)
    goal = f"{len(solved)} of {len(runs)}{when}"
    return f"| {trial.name} | {trial.what}, {trial.generations} generations | {goal} | {best} | {mean:.0f} |"


if __name__ == "__main__":
    sys.exit(ended(main))
