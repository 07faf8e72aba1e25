"""The report: a study as one file that any browser opens, without a network."""
