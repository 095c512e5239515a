"""What the house says to everybody: a banner on every page, from a start to an end."""
