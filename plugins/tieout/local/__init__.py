"""Sets up and runs the project on one machine: environment, Airflow home, demo. Production uses none."""
