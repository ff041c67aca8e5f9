"""Tests of what card staff do in the console."""
