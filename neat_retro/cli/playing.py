"""`neat-retro replay` and `neat-retro evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from neat_retro.errors import ChampionError, UsageError
from neat_retro.evolution.interrupts import held_back
from neat_retro.output.target import check_target

if TYPE_CHECKING:
    from neat_retro.agent.episode import EpisodeResult, EpisodeSpec
    from neat_retro.agent.players import Agent
    from neat_retro.evolution.champion import Champion
    from neat_retro.evolution.worker import Stage
    from neat_retro.output import evaluation


def replay(
    champion: Annotated[Path, typer.Argument(metavar="CHAMPION", help="A champion.pkl, or a tutorial's winner.pkl.")],
    verify: Annotated[bool, typer.Option("--verify", help="Check actions and network against the stored run.")] = False,
    episode: Annotated[int, typer.Option(help="Which of its training episodes, from 0.")] = 0,
    video: Annotated[Path | None, typer.Option(metavar="FILE.mp4", help="Write a video with sound.")] = None,
    bk2: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a BK2 movie.")] = None,
    window: Annotated[bool, typer.Option("--window", help="Show it in a window.")] = False,
    game: Annotated[str | None, typer.Option(help="The game; --legacy needs it, other champions know it.")] = None,
    config: Annotated[Path | None, typer.Option(help="With --legacy: the config it was trained with.")] = None,
    legacy: Annotated[bool, typer.Option("--legacy", help="Play a bare winner.pkl as tutorial scripts do.")] = False,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="With --legacy: change a key.")
    ] = None,
) -> None:
    """Play a champion again and say what it reached, term by term."""
    _check_targets(video, bk2)
    if legacy:
        if episode:
            raise UsageError(f"--episode {episode}: --legacy plays the one start that a tutorial script has.")
        _replay_winner(champion, config, game, settings or [], (video, bk2, window), verify)
        return
    if config or settings:
        raise UsageError("--config and --set go with --legacy: a champion brings its own experiment.")
    with held_back():
        from neat_retro.evolution.champion import champion_agent, load_champion
        from neat_retro.output import replay as replays
    winner = load_champion(champion)
    if not 0 <= episode < len(winner.episodes):
        raise UsageError(f"--episode {episode}: this champion has {len(winner.episodes)}, counted from 0.")
    with replays.open_stage(winner, game) as stage:
        spec = winner.episodes[episode].spec
        typer.echo(f"{winner.game}, {spec.start.state}: champion of generation {winner.generation}")
        outputs = (video, bk2, window)
        if any(outputs) or not verify:
            _show(stage, (champion_agent(winner),), spec, tuple(winner.experiment.fitness), outputs)
        if verify:
            _verify(winner, episode, stage, say_terms=not any(outputs))


def _check_targets(video: Path | None, bk2: Path | None) -> None:
    """Refuse a file that cannot be written before another one is."""
    if video is not None:
        check_target(video, "video", ".mp4")
    if bk2 is not None:
        check_target(bk2, "movie", ".bk2")


def _verify(champion: Champion, episode: int, stage: Stage, say_terms: bool) -> None:
    from neat_retro.output import replay as replays

    finding = replays.verify(champion, episode, stage)
    if say_terms:
        _say_terms(finding.replayed, tuple(champion.experiment.fitness))
    versions = ", ".join(f"{name} {version}" for name, version in champion.versions.items())
    verdict = finding.verdict(versions)
    if not finding.same:
        raise ChampionError(verdict)
    typer.echo(verdict)


def _replay_winner(
    path: Path,
    config: Path | None,
    game: str | None,
    settings: list[str],
    outputs: tuple[Path | None, Path | None, bool],
    verify: bool,
) -> None:
    if config is None or game is None:
        raise UsageError("--legacy needs --config FILE (the config it was trained with) and --game GAME.")
    if verify:
        raise UsageError("--verify needs a champion of neat-retro: a bare genome tells nothing of what it reached.")
    with held_back():
        from neat_retro.evolution.worker import Stage
        from neat_retro.output.tutorial_winner import check_sizes, load_winner
    winner = load_winner(path, config, game, settings)
    with Stage(winner.experiment) as stage:
        check_sizes(winner, stage)
        typer.echo(f"{winner.experiment.game.game}, {winner.spec.start.state}: as a tutorial script plays it")
        _show(stage, (winner.agent,), winner.spec, tuple(winner.experiment.fitness), outputs)


def _show(
    stage: Stage,
    agents: tuple[Agent, ...],
    spec: EpisodeSpec,
    terms: tuple[str, ...],
    outputs: tuple[Path | None, Path | None, bool],
) -> None:
    """Play the episode once for each way it is asked for, and print what it reached."""
    with held_back():
        from neat_retro.agent.episode import play_episode
        from neat_retro.output import replay as replays
        from neat_retro.output.video import record_video
        from neat_retro.output.window import play_in_window
    video, bk2, window = outputs
    result: EpisodeResult | None = None
    if bk2 is not None:
        result = replays.record_movie(stage, agents, spec, bk2)
        typer.echo(f"wrote {bk2}")
    if video is not None:
        result = record_video(stage, agents, spec, video)
        typer.echo(f"wrote {video}")
    if window:
        result = play_in_window(stage, agents, spec, stage.experiment.game.game)
    _say_terms(result or play_episode(stage.emulator, agents, spec, stage.rules), terms)


def _say_terms(result: EpisodeResult, names: tuple[str, ...]) -> None:
    from neat_retro.output.replay import terms_lines

    for line in terms_lines(result, names):
        typer.echo(line)


def evaluate(
    champion: Annotated[Path, typer.Argument(metavar="CHAMPION", help="A champion.pkl.")],
    state: Annotated[list[str] | None, typer.Option(help="A start state; repeat it for several.")] = None,
    all_states: Annotated[bool, typer.Option("--all-states", help="Every state but that of two players.")] = False,
    episodes: Annotated[int, typer.Option(help="Episodes per state and agent.", min=1)] = 20,
    noops: Annotated[str, typer.Option(metavar="0-N", help="Frames of waiting before play, drawn anew.")] = "0-30",
    sticky: Annotated[
        float, typer.Option(metavar="P", help="How likely a frame repeats the buttons before: 0 to 0.95.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Draws the starts; the same for every agent.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Worker processes. Default: every core.", min=1)] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the numbers.")] = None,
    card: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the champion's card: states by perturbations.")
    ] = None,
) -> None:
    """Compare a champion with a random agent and with doing nothing, on the same starts."""
    if state and all_states:
        raise UsageError("--all-states has every --state in it. Leave one of them out.")
    if json is not None:
        check_target(json, "report", ".json")
    with held_back():
        from neat_retro import api
        from neat_retro.evolution.champion import load_champion
        from neat_retro.output import card as cards
        from neat_retro.output import evaluation
    if card is not None:
        cards.check_card(card)
    winner = load_champion(champion)
    states: tuple[str, ...] | Literal["all"] = "all" if all_states else tuple(state or ())
    found = api.evaluate(winner, states, episodes, _most_noops(noops), seed, workers, sticky, card is not None)
    for line in _title(found):
        typer.echo(line)
    Console().print(_table(found.agents))
    if len(found.plan.states) > 1:
        Console().print(_state_table(found))
    if json is not None:
        evaluation.write_json(found, json)
        typer.echo(f"wrote {json}")
    if card is not None:
        cards.write_card(found, card)
        typer.echo(f"wrote {card}")


def _most_noops(text: str) -> int:
    first, dash, last = text.partition("-")
    number = last if dash and first.strip() == "0" else text
    if not number.strip().isdecimal() or len(number) > 9:
        raise UsageError(f"--noops {text} should be a range from 0, as 0-30.")
    return int(number)


def _title(found: evaluation.Evaluation) -> tuple[str, str]:
    plan, number = found.plan, found.agents[0].episodes
    where = plan.states[0] if len(plan.states) == 1 else f"{len(plan.states)} start states"
    count = "1 episode" if number == 1 else f"{number} episodes"
    noops, sticky = plan.perturbation.noops, plan.perturbation.sticky
    waiting = f"0-{noops} frames of waiting" if noops else "no waiting"
    sticking = f", sticky {sticky:g}" if sticky else ""
    return f"{found.champion.game}, {where}", f"{count} each, {waiting}{sticking}"


def _table(rows: Sequence[evaluation.Row]) -> Table:
    table = Table(caption="mean [95 % interval]")
    table.add_column("agent")
    table.add_column("fitness", justify="right")
    positions, goals = rows[0].furthest_x is not None, rows[0].goal is not None
    if positions:
        table.add_column("furthest x", justify="right")
    if goals:
        table.add_column("goal reached", justify="right")
    table.add_column("frames", justify="right")
    for row in rows:
        cells = [row.agent, str(row.fitness)]
        cells += [str(row.furthest_x)] if positions else []
        cells += [row.goal.percent() if row.goal else "-"] if goals else []
        table.add_row(*cells, f"{row.frames.mean:.0f}")
    return table


def _state_table(found: evaluation.Evaluation) -> Table:
    """Return a row a state for the champion; a star says that it was trained there."""
    from neat_retro.output.evaluation import CHAMPION

    rows = [row for row in found.by_state if row.agent == CHAMPION]
    trained = found.champion.experiment.game.states
    count = "1 episode" if found.plan.episodes == 1 else f"{found.plan.episodes} episodes"
    table = Table(caption=f"* trained there; {count} each")
    table.add_column("champion from", overflow="fold")
    table.add_column("fitness" if rows[0].furthest_x is None else "furthest x", justify="right", no_wrap=True)
    if rows[0].goal is not None:
        table.add_column("goal reached", justify="right", no_wrap=True)
    table.add_column("frames", justify="right", no_wrap=True)
    for row in rows:
        [state] = row.states
        cells = [f"{state} *" if state in trained else state, str(row.furthest_x or row.fitness)]
        cells += [row.goal.percent()] if row.goal is not None else []
        table.add_row(*cells, f"{row.frames.mean:.0f}")
    return table
