"""The command really gets to its first generation, and the time is told beside the imports'."""

from __future__ import annotations

import pytest

from benchmarks import startup


def test_a_start_is_measured_beside_the_imports() -> None:
    result = startup.started(workers=1, rounds=1)
    assert 0 < result.value < 120
    assert result.variant == "1 worker"
    assert f"x `{startup.IMPORTS}`" in result.detail


def test_a_command_that_never_starts_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "STARTED", "a line that is not printed")
    with pytest.raises(RuntimeError, match="never said"):
        startup.seconds_to_start(1, "--population", "2", "--max-frames", "40")
