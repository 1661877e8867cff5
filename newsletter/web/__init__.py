"""The desk and the public pages, over HTTP. Handlers are plain functions; Starlette runs them in threads."""
