"""What operators read in the command line and in the console: import reports, revisions, notes."""
