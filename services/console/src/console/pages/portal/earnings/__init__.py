"""What the partner earned, over time and sale by sale."""
