"""A segment made and edited: a list of customers, or what is known of them."""
