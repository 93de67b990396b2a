"""The pages for people under ``/_sandbox/``."""

from include.sandbox.pages.routes import page_routes

__all__ = ["page_routes"]
