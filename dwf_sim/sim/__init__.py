"""The world around the engine: time, chance, the wire, workers, and the trace of it all."""
