"""最美快递员 in the chat: nominations, the nominee's answer, votes, winners."""
