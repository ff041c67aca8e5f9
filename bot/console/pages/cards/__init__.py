"""The card: pre-applications, what is late, lists of the bank, its labels and pushes."""
