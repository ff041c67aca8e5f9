"""大讲堂: trainings, registrations, seats and certificates."""
