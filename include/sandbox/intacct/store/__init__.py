"""The twin's SQLite file: tables generated from the catalogue, seed loading, export."""
