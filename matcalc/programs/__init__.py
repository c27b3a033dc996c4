"""Programs: closed forms as the source of functions on arrays, as an expert would write them by hand."""
