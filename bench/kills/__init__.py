"""Pages, worker and carriers' link killed (SIGKILL) at random moments of many journeys: is any
request, answer or message lost, or doubled?"""
