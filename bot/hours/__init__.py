"""Opening hours, holidays and "open on arrival". Pure: no words; the wall clock of China."""
