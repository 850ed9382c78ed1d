"""Does the simulator answer as the real engine does? The engine's recorded answers are kept as
vectors, and what it did with small programs as recordings; this package asks the simulator the
same and compares.
"""
