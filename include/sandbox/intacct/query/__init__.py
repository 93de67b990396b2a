"""Reads: filters and predicates become SQL over columns, rows become wire records."""
