"""The figures of the transparency report by month, stored so that the report of a large site need not recount them."""
