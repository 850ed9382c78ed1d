"""The rules of the reference: which there are, and which test shows which."""
