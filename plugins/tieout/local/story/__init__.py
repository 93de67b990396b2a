"""The demo's story: people act in the two systems, the flows run in Airflow, and the books are checked after each."""
