"""The few pages outside of the chat: files behind links that expire, and the check of a number."""
