"""The engines that a platform runs on: real ones, each a process of our own."""
