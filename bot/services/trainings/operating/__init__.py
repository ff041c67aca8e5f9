"""Trainings for operators of the console: of their leagues, each change with an audit row."""
