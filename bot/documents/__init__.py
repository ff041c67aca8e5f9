"""PDFs, posters and calendar files."""
