"""Examples: what can be found with dwf_sim."""
