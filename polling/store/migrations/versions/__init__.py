"""One module per change of the tables, in the order that their revisions say."""
