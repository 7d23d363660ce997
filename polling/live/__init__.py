"""Who is watching, and what they are sent."""
