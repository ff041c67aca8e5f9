"""The dashboard: figures as charts, tables and files."""
