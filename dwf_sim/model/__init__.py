"""The nouns: values that every layer speaks of and that know nothing of any layer."""
