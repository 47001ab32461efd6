"""The form of a code: one that stands alone, or another of a campaign; and its edit."""
