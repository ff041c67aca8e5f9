"""The console's pages, a module or package for each."""
