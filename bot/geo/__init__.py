"""Where things are: datums, nearest stations, place names. Pure: no database, no words."""
