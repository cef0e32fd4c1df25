"""The person's own plan: wishes in her words, shared objectives, actions, and her agreement."""
