"""The operators' pages: Starlette, Jinja2 and htmx over the services."""
