"""The REST API under /api/v1: it parses, authorises, calls the services that the pages call, and answers JSON."""
