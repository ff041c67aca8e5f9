"""What is remembered: tables, engines and migrations."""
