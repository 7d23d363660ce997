"""What each region of a page shows, as frozen values made from a room's state.

HTML (templates) and JSON (the integration protocol) are two renderings of these values, so that first paint,
live frame and robot can't differ. Nothing here is personal: what one phone answered is apart (web/participant.py).
"""
