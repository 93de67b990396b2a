"""Associations: type ids, the rules of primary ones, and the v3, v4 and dated paths."""
