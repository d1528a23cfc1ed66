"""The record of positions: how the positions of a consultation are written, confirmed, published and questioned."""
