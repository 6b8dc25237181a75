"""What this machine, a game and a config lack for training, and the commands that put it right.

Everything heavy is imported where it is used: the doctor has to work where a package does not.
"""

from neat_retro.output.doctor.checkup import Checkup
from neat_retro.output.doctor.finding import Finding, Status, commands_of, is_ready

__all__ = ["Checkup", "Finding", "Status", "commands_of", "is_ready"]
