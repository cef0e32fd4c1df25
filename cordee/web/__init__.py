"""The human door: sign-in, the actor, the worklist, the page of a person, administration."""
