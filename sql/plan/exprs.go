package plan

import "github.com/streamsqld/streamsqld/expr"

// exprList collects a node's expressions, leaving out what is not there.
type exprList []expr.Expr

func (l *exprList) add(xs ...expr.Expr) {
	for _, x := range xs {
		if x != nil {
			*l = append(*l, x)
		}
	}
}

func (l *exprList) keys(ks []SortKey) {
	for _, k := range ks {
		l.add(k.X)
	}
}

// exprTaker hands expressions back in the order in which exprList collected them.
type exprTaker struct{ rest []expr.Expr }

// one gives the next expression in place of old; nil stays nil.
func (t *exprTaker) one(old expr.Expr) expr.Expr {
	if old == nil {
		return nil
	}
	x := t.rest[0]
	t.rest = t.rest[1:]
	return x
}

func (t *exprTaker) many(old []expr.Expr) []expr.Expr {
	if old == nil {
		return nil
	}
	out := make([]expr.Expr, len(old))
	for i, x := range old {
		out[i] = t.one(x)
	}
	return out
}

func (t *exprTaker) keys(old []SortKey) []SortKey {
	if old == nil {
		return nil
	}
	out := make([]SortKey, len(old))
	for i, k := range old {
		k.X = t.one(k.X)
		out[i] = k
	}
	return out
}
