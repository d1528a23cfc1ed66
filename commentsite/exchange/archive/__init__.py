"""Write all public pages as files that need no server."""
