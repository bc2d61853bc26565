"""The nouns of the API with their verbs."""
