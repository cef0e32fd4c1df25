"""The person: identity, circle of care, choices about sharing, emergency access."""
