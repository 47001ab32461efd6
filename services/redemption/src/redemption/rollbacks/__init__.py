"""What was redeemed given back: asked for, looked up, judged. Pure but for the look-up."""
