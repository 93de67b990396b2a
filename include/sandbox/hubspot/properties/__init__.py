"""The properties API: definitions, groups, batches."""
