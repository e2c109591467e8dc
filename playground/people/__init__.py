"""The JSON API through which the page, or a script, is a person."""
