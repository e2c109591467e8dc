"""The REST API under /api/v10: one module a resource, one dispatcher around them all."""
