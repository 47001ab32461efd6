"""What tests share: engines, processes, builders of what they are about, and patience."""
