"""Figures, heat maps, exports, and strangers' text made safe."""
