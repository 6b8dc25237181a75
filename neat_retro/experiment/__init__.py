"""One .cfg file, read into a frozen Experiment: every bad key is named with its cure."""

from neat_retro.experiment.reader import Draft, read_draft, split_list
from neat_retro.experiment.sections import (
    MOST_NOOPS,
    MOST_STICKY,
    ActionsSection,
    CurriculumSection,
    EpisodeSection,
    Experiment,
    GameSection,
    NoveltySection,
    ObservationSection,
    RunSection,
    VersusSection,
)

__all__ = [
    "MOST_NOOPS",
    "MOST_STICKY",
    "ActionsSection",
    "CurriculumSection",
    "Draft",
    "EpisodeSection",
    "Experiment",
    "GameSection",
    "NoveltySection",
    "ObservationSection",
    "RunSection",
    "VersusSection",
    "read_draft",
    "split_list",
]
