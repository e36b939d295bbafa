"""The pictures of docs/pictures: panels that Vega draws, from documents that are the same on every machine."""
