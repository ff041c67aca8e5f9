"""Tables: 大讲堂 sessions, registrations and what comes of them."""
