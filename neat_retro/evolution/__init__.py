"""A population over generations: the loop, its workers, checkpoints and champions."""
