"""Pages outside of the chat: files behind links that expire, and the check of a certificate."""
