"""What each object type insists on and calculates by itself."""
