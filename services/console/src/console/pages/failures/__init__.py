"""What was refused and what it cost: from a reason down to the single attempt, and to its cure."""
