"""What the keeper of a station does by a link: opens its page, says how things are, saves."""
