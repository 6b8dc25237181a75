"""Knows of which games a ROM's SHA-1 is known, all along the search path."""

from __future__ import annotations

from neat_retro.errors import UnknownGameError
from neat_retro.game import catalog
from neat_retro.game.roms.known_hashes import KnownHash, read_hashes

GamesOfHash = dict[str, dict[str, KnownHash]]


def known_games() -> GamesOfHash:
    """Return the games of every known SHA-1 with what each says of it, most trusted first."""
    known: list[tuple[str, KnownHash]] = []
    for path in catalog.shared_sha1_files():
        try:
            game = catalog.resolve_game(path.stem)
        except UnknownGameError:
            continue  # a hash is of no use without an integration to put the ROM in
        known += [(game, hashed) for hashed in read_hashes(path)]
    for folder in catalog.search_path():
        for game in catalog.games_in(folder):
            known += [(game, hashed) for hashed in read_hashes(folder / game / "rom.sha")]
    by_sha1: GamesOfHash = {}
    for game, hashed in sorted(known, key=lambda pair: not pair[1].fits):
        by_sha1.setdefault(hashed.sha1, {}).setdefault(game, hashed)
    return by_sha1
