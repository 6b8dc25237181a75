"""`python -m neat_retro` is the `neat-retro` command."""

from neat_retro.cli.main import main

if __name__ == "__main__":
    main()
