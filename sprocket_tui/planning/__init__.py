"""When to deploy, with whom, what it costs, what may go wrong: go or no-go for one date. Nothing here asks the time."""
