"""What every process needs, and no coupon: see the modules."""
