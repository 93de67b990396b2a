"""Property definitions: what each object type has from the start, and how they read on the wire."""
