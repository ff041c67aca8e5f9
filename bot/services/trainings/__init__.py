"""大讲堂: sessions, registrations, seats and certificates."""
