"""Categories of campaigns: made, called otherwise, put in order, deleted."""
