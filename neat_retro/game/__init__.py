"""The games: names, ROMs, integrations and the emulator. The only room that imports stable_retro."""
