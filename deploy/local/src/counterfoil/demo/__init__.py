"""A real retailer's year of coupons, replayed through the platform: `counterfoil demo`."""
