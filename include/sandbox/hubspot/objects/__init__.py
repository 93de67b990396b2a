"""Records over HTTP: one by one, listed, in batches, merged."""
