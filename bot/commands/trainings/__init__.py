"""Commands for 大讲堂 trainings."""
