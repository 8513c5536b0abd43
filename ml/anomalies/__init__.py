"""Days, meters and transformers that are not as they should be, each with its reason."""
