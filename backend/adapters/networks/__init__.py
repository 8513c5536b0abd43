"""Networks from the files of other programs, and GeoJSON out.

``reading`` tells what a file is by its content; a module per format says what it holds. What a reader cannot carry over
is a fault that names it, never silence; what makes no sense in the network itself is for ``backend.grid.faults``.
"""
