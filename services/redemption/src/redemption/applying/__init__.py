"""What campaigns says, applied behind the locks that decisions take."""
