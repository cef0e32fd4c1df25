"""A request of care ⇄ ServiceRequest, by what is done: told to who sees it, received, and where it
stands told to who sent it. `resources/service_request.py` puts them together."""
