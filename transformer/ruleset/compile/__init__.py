"""Objects become SQL text, tag tables and the plan of what staging collects; no connection is opened."""
