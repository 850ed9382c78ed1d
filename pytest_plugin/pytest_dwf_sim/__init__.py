"""The pytest plugin of dwf_sim."""
