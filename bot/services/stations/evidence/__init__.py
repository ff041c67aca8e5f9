"""What observations are worth, what they come to, and what that says of a station."""
