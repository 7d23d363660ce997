"""One module an audience: their pages, forms and sockets."""
