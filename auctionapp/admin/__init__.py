"""The administrators' desk at /admin/: Flask-Admin's views and menu, closed by default, in the house's own clothes."""
