"""A class that outgrows one machine: the grading of one hand-in as a task that any of Airflow's executors runs."""
