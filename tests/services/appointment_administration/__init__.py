"""Tests of appointments as bank staff work on them."""
