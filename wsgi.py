"""The portal for any WSGI server."""

from portal import create_app

application = create_app()
