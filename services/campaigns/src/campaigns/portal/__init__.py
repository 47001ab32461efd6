"""The portal: what a partner's people see of what is shared with them."""
