"""Search: filter groups, free text, one sort, translated to SQL."""
