"""The API functions, one file per area; each takes its element and answers a result."""
