"""The world: `Simulation`, which knows every part, and what users see of it."""
