"""The console's memory searched for what behaves as a position, lives, a timer or health."""

KINDS = ("position", "lives", "timer", "health")
