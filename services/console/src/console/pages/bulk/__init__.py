"""Many campaigns or codes at once: asked once more, then done as a job."""
