"""Every attempt to redeem: accepted or refused, found by anything that it is known by."""
