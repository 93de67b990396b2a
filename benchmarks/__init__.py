"""Figures of this machine, and ratios to a bare counterpart measured in the same run: only ratios compare machines."""
