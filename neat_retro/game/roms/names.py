"""Knows which games a file's name, or the title in its header, comes closest to."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable
from pathlib import PurePath

from neat_retro.game import catalog

_REMARK = re.compile(r"\([^)]*\)|\[[^\]]*\]")  # `(USA)`, `(Rev A)`, `[!]`
_ARTICLE = re.compile(r"^(.*), (the|a|an)\b", re.IGNORECASE)
_SMALLEST_RATIO = 0.6
_LETTERS = 4  # that the words of a short name must have, to be looked for in a longer one
_MOST = 3


def closest_games(names: Iterable[str], console: str | None) -> tuple[str, ...]:
    """Return up to three games, closest first, without `-v0`; of one console only, where it is known.

    `names` are files' names or titles: `Legend of Zelda, The (USA) (Rev A).nes`.
    """
    folded: dict[str, list[str]] = {}
    for game in catalog.game_names():
        name, _, of_console = catalog.short_name(game).rpartition("-")
        if console in (None, of_console):
            folded.setdefault(_fold(name), []).append(catalog.short_name(game))
    ratios: dict[str, float] = {}
    for name in names:
        wanted, words = _fold(name), _words(name)
        close = difflib.get_close_matches(wanted, folded, n=_MOST, cutoff=_SMALLEST_RATIO) if wanted else []
        close += [known for known in folded if len("".join(words)) >= _LETTERS and re.search(".*".join(words), known)]
        for known in close:
            ratio = difflib.SequenceMatcher(None, known, wanted).ratio()
            ratios[known] = max(ratio, ratios.get(known, 0.0))
    ranked = sorted(ratios, key=lambda known: (-ratios[known], known))
    return tuple(game for known in ranked for game in folded[known])[:_MOST]


def is_same_name(name: str, game: str) -> bool:
    """Tell whether a file's name, its remarks aside, is the game's: `Kite (USA).nes` and `Kite-Nes`."""
    return _fold(name) == _fold(catalog.short_name(game).rpartition("-")[0])


@functools.lru_cache(maxsize=4096)  # every game's name is asked for with every file
def _fold(name: str) -> str:
    """Return a name's letters and digits in lower case, without remarks, ending or a trailing article's comma."""
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    path = PurePath(name)
    stem = path.stem if re.fullmatch(r"\.\w{1,4}", path.suffix) else path.name
    bare = _ARTICLE.sub(r"\2 \1", _REMARK.sub("", stem).strip())
    return re.findall(r"[^\W_]+", bare.casefold().replace("'", ""))
