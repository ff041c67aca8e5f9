"""Commands that run, check and maintain an installation."""
