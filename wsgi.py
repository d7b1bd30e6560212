"""The portal for any WSGI server."""

from portal import create_app, logs

logs.begin()
application = create_app()
