"""What polling is about: plain values and functions. Knows no web, no database and no clock."""
