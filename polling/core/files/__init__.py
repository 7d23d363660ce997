"""An event as files: YAML to values, or to every problem with its place; and the schema for editors."""
