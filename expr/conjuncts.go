package expr

// Conjuncts takes an AND apart; nil has none.
func Conjuncts(x Expr) []Expr {
	a, ok := x.(*And)
	if !ok {
		if x == nil {
			return nil
		}
		return []Expr{x}
	}
	var out []Expr
	for _, y := range a.Args {
		out = append(out, Conjuncts(y)...)
	}
	return out
}

// Conjunction puts an AND together; nil for none.
func Conjunction(xs []Expr) Expr {
	switch len(xs) {
	case 0:
		return nil
	case 1:
		return xs[0]
	}
	return &And{Args: xs}
}

// HasSubquery says whether x holds a sub-select.
func HasSubquery(x Expr) bool {
	found := false
	Walk(x, func(e Expr) bool {
		_, is := e.(*Subquery)
		found = found || is
		return !found
	})
	return found
}
