"""Opening hours, holidays and "open on arrival". Pure: no wording. All in local time, UTC+8."""
