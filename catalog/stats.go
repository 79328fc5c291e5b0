package catalog

// TableStats is what is known of a relation's rows.
type TableStats struct {
	Rows float64
	// At is when ANALYZE gathered Cols, µs since 1970; 0: never, Rows is all that is known.
	At   int64
	Cols map[int]*ColStats `json:",omitempty"` // by column
}

// ColStats is what ANALYZE found in a column.
type ColStats struct {
	NullFrac float64
	Width    int // bytes of a value on average
	// Distinct is the number of values, or, where it grows with the table, minus its part of the rows: -1 is a unique column.
	Distinct float64
	// Common are the most frequent values as text with their parts of the rows, most frequent first.
	Common []string  `json:",omitempty"`
	Freqs  []float64 `json:",omitempty"`
	// Bounds cut the values, in order, into parts with equally many rows, the first and the last are the least and the greatest. Numbers are the
	// same, of columns of numbers and times.
	Bounds  []string  `json:",omitempty"`
	Numbers []float64 `json:",omitempty"`
	// Correlation is that between the order of the values and that of the rows; of types without an order 0.
	Correlation float64
}

// DistinctOf is how many different values a column has among rows rows.
func (c *ColStats) DistinctOf(rows float64) float64 {
	if c.Distinct < 0 {
		return -c.Distinct * rows
	}
	return c.Distinct
}

// Brief is s with what the order of joins is decided by: what a continuous query keeps, so that its plan is the same after a restart.
func (s *TableStats) Brief() *TableStats {
	out := &TableStats{Rows: s.Rows, At: s.At}
	for i, c := range s.Cols {
		if out.Cols == nil {
			out.Cols = map[int]*ColStats{}
		}
		b := *c
		b.Common, b.Freqs, b.Bounds = nil, nil, nil
		out.Cols[i] = &b
	}
	return out
}
