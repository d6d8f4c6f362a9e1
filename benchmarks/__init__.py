"""The project's speed, as ratios of one run. `make bench` runs all; each file runs alone."""
