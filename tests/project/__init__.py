"""What stands around the product: hooks, workflow, packages, and the page for contributors."""
