"""大讲堂: trainings, registration, teams and attendance."""
