"""The database and nothing else: each module owns its tables and what is done to them."""
