"""One partner: what they earned, their deals, and the switch that stops all of them."""
