"""Child processes that may hang or crash without harm: `child` is the parent's side, `parent` the child's side."""
