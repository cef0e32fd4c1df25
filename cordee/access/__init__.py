"""Who may: the actor, the rules of sight and deed, the trace, the versions of records."""
