"""One file per instrument, or per family: from answers to a measure, its band and its points."""
