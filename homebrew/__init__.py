"""Workshop of the games this project ships: draws their tiles, makes their states, proves their levels."""
