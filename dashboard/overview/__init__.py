"""The overview: what is being sent, what asks for a person, how it went, whether all is well."""
