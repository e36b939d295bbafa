"""The geoip function: keeps geo databases and address lists fresh for the decorators."""
