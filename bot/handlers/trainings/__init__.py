"""大讲堂: sessions, registration, teams and attendance."""
