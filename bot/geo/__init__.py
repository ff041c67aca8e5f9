"""Datums, nearest stations and place names. Pure: no database, no network, no wording."""
