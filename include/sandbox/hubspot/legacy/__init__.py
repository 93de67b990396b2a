"""The v1 and v2 paths that older clients still use, on the same store as the v3 and dated ones."""
