"""What is read to be shown: nothing here decides."""
