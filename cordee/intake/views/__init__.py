"""The doors of the intake room: the desk, the queue and the request, the grids, the public ones."""
