"""Money of the house: the books, deposits and withdrawals, and their pages."""
