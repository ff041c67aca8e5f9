"""What operators should look at: stars that no longer fit, and the weekly list of a league."""
