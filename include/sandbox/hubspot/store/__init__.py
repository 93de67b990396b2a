"""The twin's SQLite file: records, history, unique values, associations, settings, webhook queue."""
