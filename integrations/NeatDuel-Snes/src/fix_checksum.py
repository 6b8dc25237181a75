"""Writes the checksum into a LoROM header: `python fix_checksum.py ROM`."""

from __future__ import annotations

import sys
from pathlib import Path

COMPLEMENT = 0x7FDC  # two bytes, then the checksum's two

rom = Path(sys.argv[1])
content = bytearray(rom.read_bytes())
content[COMPLEMENT : COMPLEMENT + 4] = b"\xff\xff\x00\x00"
checksum = sum(content) & 0xFFFF
content[COMPLEMENT : COMPLEMENT + 4] = (checksum ^ 0xFFFF).to_bytes(2, "little") + checksum.to_bytes(2, "little")
rom.write_bytes(content)
