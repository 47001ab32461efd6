"""What an operator does with a record that a service set aside, or that a service stands at."""
