"""The honour 最美快递员: campaigns, nominations, votes and winners."""
