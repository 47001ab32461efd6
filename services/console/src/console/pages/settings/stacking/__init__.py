"""What becomes of several codes at once: how many hold together, and in which order."""
