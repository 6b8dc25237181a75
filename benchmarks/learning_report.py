"""`python -m benchmarks.learning_report`: docs/learning.md's table and the curves, from what was learned so far."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from itertools import accumulate, groupby
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.learning import FOLDER, RandomPlay, SeedRun, read_runs
from benchmarks.learning_tasks import TASKS, Task
from benchmarks.record import write_into
from benchmarks.words import ended
from neat_retro.errors import RunError

DOCUMENT = FOLDER.parent / "learning.md"
PICTURES = FOLDER.parent / "pictures"
FIRST_SCREEN = "runner-1-1"  # the task whose curves the README shows
LEARNER, RANDOM = "#0072b2", "#d55e00"  # told apart by the colour-blind, too (Okabe & Ito 2008)


def main(words: Sequence[str]) -> int:
    """Write the table and the pictures of every task that has results."""
    argparse.ArgumentParser(prog="python -m benchmarks.learning_report", description=__doc__).parse_args(words)
    learned = {task.name: read_runs(FOLDER / f"{task.name}.jsonl") for task in TASKS}
    known = [task for task in TASKS if learned[task.name]]
    if not known:
        raise RunError(f"Nothing in {FOLDER} yet. First:  python -m benchmarks.learning")
    random = {task.name: read_random(FOLDER / f"{task.name}-random.jsonl") for task in known}
    write_into(DOCUMENT, as_markdown(known, learned, random))
    curves(known, learned, random).savefig(PICTURES / "learning.png", dpi=100)
    first = [task for task in known if task.name == FIRST_SCREEN]
    if first:
        curves(first, learned, random, columns=1).savefig(PICTURES / "learning-NeatRunner.png", dpi=110)
    print(f"wrote {DOCUMENT} and {len(known)} curves")
    return 0


def read_random(path: Path) -> RandomPlay | None:
    """Return what the random agent did, None where it has not played."""
    return RandomPlay(**json.loads(path.read_text())) if path.exists() else None


def as_markdown(tasks: Sequence[Task], learned: dict[str, list[SeedRun]], random: dict[str, RandomPlay | None]) -> str:
    """Return the table, and below it where and when each task was learned."""
    columns = ["task", "reached the goal", "must; aim", "generations", "stuck longest", "episodes", "frames", "minutes"]
    columns += ["champion", "random agent"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [_row(task, learned[task.name], random[task.name]) for task in tasks]
    where: dict[str, dict[str, dict[str, list[int]]]] = {}
    for task in tasks:
        for run in learned[task.name]:
            where.setdefault(run.place, {}).setdefault(task.name, {}).setdefault(run.commit, []).append(run.seed)
    for place, names in where.items():
        lines += ["", f"On {place}, the seeds by commit:", ""]
        for name, commits in names.items():
            told = (f"{', '.join(map(str, sorted(seeds)))} at {commit}" for commit, seeds in commits.items())
            lines.append(f"- {name}: {'; '.join(told)}")
    return "\n".join(lines)


def _row(task: Task, runs: Sequence[SeedRun], random: RandomPlay | None) -> str:
    solved = [run for run in runs if run.solved]
    short = [run for run in runs if not run.solved]
    by_x = _by_x(task, runs)
    rest = _spread(short, lambda run: _best_so_far(run, by_x)[-1])
    cells = [
        f"**{task.name}**: {task.what}",
        f"{len(solved)} of {len(runs)}" + (f"; the rest: best {rest}" if short else ""),
        _wanted(task),
        _spread(solved, lambda run: run.generations),
        _stuck_cell(runs, by_x),
        _spread(solved, lambda run: run.episodes),
        _spread(solved, lambda run: run.frames),
        _spread(solved, lambda run: run.seconds / 60),
        _champion_cell(task, runs),
        _random_cell(random),
    ]
    return f"| {' | '.join(cells)} |"


def _wanted(task: Task) -> str:
    if task.bears:
        must, aim = task.bears
        return f"{must} of {task.starts} starts; aim: {aim}"
    must_reach = _within(task, task.must) if task.must else f"reported, within {task.generations}"
    return must_reach + (f"; aim: {_within(task, task.aim)}" if task.aim else "")


def _within(task: Task, wanted: tuple[int, int]) -> str:
    return f"{wanted[0]} of {task.seeds} within {wanted[1]}"


def _stuck_cell(runs: Sequence[SeedRun], by_x: bool) -> str:
    """Say how many generations in a row brought nothing better, at most of all seeds, and at what."""
    stretches = [(len(list(same)) - 1, at) for run in runs for at, same in groupby(_best_so_far(run, by_x))]
    length, at = max(stretches)
    return f"{length} at {'x' if by_x else 'fitness'} {at:.0f}" if length else "-"


def _champion_cell(task: Task, runs: Sequence[SeedRun]) -> str:
    """Say from how many perturbed starts the champions reached the goal and, on an unseen level, how far they came."""
    playing = [run for run in runs if run.completed is not None]
    if not playing:
        return "-"
    told = f"{_spread(playing, lambda run: run.completed or 0)} of {task.starts}"
    return f"{told} on `{task.unseen}`; x {_spread(playing, lambda run: run.starts_x or 0)}" if task.unseen else told


def _random_cell(random: RandomPlay | None) -> str:
    if random is None:
        return ""
    positions = [x for x in random.furthest_x if x is not None]
    kind, values = ("x", positions) if positions else ("fitness", random.fitness)
    count = len(random.fitness)
    return f"{random.goals} of {count:,}; {kind} {statistics.fmean(values):.0f}, at most {max(values):.0f}"


def _spread(runs: Sequence[SeedRun], value: Callable[[SeedRun], float]) -> str:
    """Return the median and the range, in as many digits as tell something."""
    if not runs:
        return "-"
    values = sorted(value(run) for run in runs)
    median, least, most = statistics.median(values), values[0], values[-1]
    return f"{_short(median)} [{_short(least)}, {_short(most)}]"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"


def _by_x(task: Task, runs: Sequence[SeedRun]) -> bool:
    """Of several levels at once the furthest x is that of the longest, and tells little."""
    return "," not in task.state and all(x is not None for run in runs for x in run.best_x)


def _best_so_far(run: SeedRun, by_x: bool) -> list[float]:
    """Return by generation how far the best came until then, or its fitness."""
    return list(accumulate([x or 0.0 for x in run.best_x] if by_x else run.best_fitness, max))


def curves(
    tasks: Sequence[Task], learned: dict[str, list[SeedRun]], random: dict[str, RandomPlay | None], columns: int = 3
) -> Figure:
    """Return a plot a task: how far the best of each seed has come by each generation."""
    columns = min(columns, len(tasks))
    rows = -(-len(tasks) // columns)
    figure = Figure(figsize=(4.6 * columns + 0.6, 3.1 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).reshape(-1)
    for axis, task in zip(axes, tasks, strict=False):
        _draw(axis, task, learned[task.name], random[task.name])
    for axis in axes[len(tasks) :]:
        axis.set_axis_off()
    return figure


def _draw(axis: Axes, task: Task, runs: Sequence[SeedRun], random: RandomPlay | None) -> None:
    by_x = _by_x(task, runs)
    counted = f"{len(runs)} seed{'s' if len(runs) > 1 else ''}"
    for number, run in enumerate(runs):
        best = _best_so_far(run, by_x)
        label = counted if number == 0 else None
        axis.plot(best, color=LEARNER, alpha=0.7, linewidth=1.2, label=label)
        if run.solved:
            axis.plot(len(best) - 1, best[-1], "o", color=LEARNER, markersize=5)
    if random is not None and not task.unseen:  # else it played the level that nobody was trained on
        values = [x for x in random.furthest_x if x is not None] if by_x else random.fitness
        told = f"random agent, best of {len(values):,}"
        axis.axhline(max(values), color=RANDOM, linewidth=1.5, linestyle="--", label=told)
    solved = sum(run.solved for run in runs)
    axis.set_title(f"{task.what.replace('`', '')}\n{solved} of {len(runs)} at the goal (dots)", fontsize=9)
    axis.set_xlabel("generation", fontsize=8)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_ylabel("furthest x" if by_x else "fitness", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.25)
    axis.set_ylim(bottom=0 if by_x else None)
    axis.legend(fontsize=7, loc="best")


if __name__ == "__main__":
    sys.exit(ended(main))
