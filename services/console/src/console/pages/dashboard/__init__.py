"""The bird's eye view: what needs somebody, what was earned, what is happening now."""
