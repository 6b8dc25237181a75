"""Plays one episode: turns frames into inputs, inputs into buttons, and what happened into fitness.

Knows no emulator and no population.
"""
