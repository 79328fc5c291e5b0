package expr

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// candidate is an overload seen with as many argument types as the call has arguments: defaults left out, VARIADIC repeated.
type candidate struct {
	fn       *Func
	args     []types.Type
	variadic bool  // the call uses the repeated argument
	spread   bool  // the call gives the repeated argument as an array
	order    []int // of a call by name: the places of its arguments
}

// candidatesOf lists the overloads of fs that a call may mean by the number and names of its arguments.
func candidatesOf(fs []*Func, s Shape) []candidate {
	if s.Names == nil && !s.Variadic {
		return candidatesFor(fs, len(s.Args))
	}
	var out []candidate
	for _, f := range fs {
		if f.Variadic != s.Variadic || s.Variadic && len(s.Args) == 0 {
			continue
		}
		if c, ok := byName(f, s); ok {
			out = append(out, c)
		}
	}
	return out
}

// byName sees f as a call with named arguments, or with VARIADIC, does; ok is false where they don't fit.
func byName(f *Func, s Shape) (candidate, bool) {
	c := candidate{fn: f, spread: s.Variadic}
	given := make([]bool, len(f.Args))
	for i := range s.Args {
		at := i
		if s.Names != nil && s.Names[i] != "" {
			at = slices.Index(f.ArgNames, s.Names[i])
		}
		if at < 0 || at >= len(f.Args) || given[at] {
			return c, false
		}
		given[at] = true
		t := f.Args[at]
		if s.Variadic && at == len(f.Args)-1 && !t.IsArray() && !isPoly(t) && !t.Is(types.Any) {
			t, _ = t.Array()
		}
		c.args = append(c.args, t)
		if s.Names != nil {
			c.order = append(c.order, at)
		}
	}
	for at, ok := range given {
		if !ok && at < len(f.Args)-f.Defaults {
			return c, false
		}
	}
	return c, !s.Variadic || given[len(f.Args)-1]
}

// candidatesFor lists the overloads of fs that a call of n arguments may mean.
func candidatesFor(fs []*Func, n int) []candidate {
	var out []candidate
	eachCandidate(fs, n, func(c candidate) { out = append(out, c) })
	return out
}

// coercibleFor lists those of candidatesFor whose arguments can be had by implicit conversion.
func coercibleFor(fs []*Func, ts []types.Type) []candidate {
	var out []candidate
	eachCandidate(fs, len(ts), func(c candidate) {
		if c.fits(ts) {
			out = append(out, c)
		}
	})
	return out
}

func eachCandidate(fs []*Func, n int, take func(candidate)) {
	for _, f := range fs {
		k := len(f.Args)
		switch {
		case f.Variadic && n >= k-1:
			c := candidate{fn: f, args: make([]types.Type, n), variadic: true}
			copy(c.args, f.Args[:k-1])
			rep := f.Args[k-1]
			if rep.IsArray() {
				rep = rep.Elem()
			} else if rep == types.AnyArray {
				rep = types.AnyElement
			}
			for i := k - 1; i < n; i++ {
				c.args[i] = rep
			}
			if n >= k || f.Defaults > 0 {
				take(c)
			}
		case n <= k && n >= k-f.Defaults:
			take(candidate{fn: f, args: f.Args[:n]})
		}
	}
}

// exact finds the candidate whose types are the arguments' own. A non-variadic one wins; of two by defaults none does.
func exact(cs []candidate, ts []types.Type) (candidate, bool) {
	var found candidate
	ok := false
	for _, c := range cs {
		same := true
		for i, a := range c.args {
			same = same && a.Is(ts[i])
		}
		switch {
		case same && (!ok || found.variadic && !c.variadic):
			found, ok = c, true
		case same && !c.variadic && (found.defaulted() || c.defaulted()):
			return found, false
		}
	}
	return found, ok
}

// defaulted says that c leaves out arguments with a default.
func (c candidate) defaulted() bool { return !c.variadic && len(c.args) < len(c.fn.Args) }

// coercible keeps the candidates whose arguments can be had by implicit conversion.
func coercible(cs []candidate, ts []types.Type) []candidate {
	var out []candidate
	for _, c := range cs {
		if c.fits(ts) {
			out = append(out, c)
		}
	}
	return out
}

// fits says whether c's arguments can be had by implicit conversion.
func (c *candidate) fits(ts []types.Type) bool {
	for i, a := range c.args {
		if !canCoerce(ts[i], a) {
			return false
		}
	}
	return polyOK(c.args, ts, c.fn.Unify)
}

func canCoerce(from, to types.Type) bool {
	switch {
	case from.Is(to), from.Is(types.Unknown), to.Is(types.Any), to.Is(types.AnyElement):
		return true
	case to.Is(types.AnyNonArray):
		return !from.IsArray()
	case to.Is(types.AnyArray):
		return from.IsArray()
	case to.Is(types.AnyEnum):
		return from.IsEnum()
	}
	return CanCast(from, to, 'i')
}

// polyOK says whether polymorphic arguments agree on one element type.
func polyOK(want, ts []types.Type, unify bool) bool {
	_, ok := polyElem(want, ts, unify)
	return ok
}

// polyElem is the type that stands for anyelement; the zero Type where nothing is polymorphic or all is unknown.
// unify: the arguments need a common type only, as PostgreSQL's anycompatible; else they must be of one.
func polyElem(want, ts []types.Type, unify bool) (types.Type, bool) {
	var elem types.Type
	for i, w := range want {
		t := ts[i].Base()
		if !isPoly(w) || t.Is(types.Unknown) {
			continue
		}
		if w.Is(types.AnyArray) {
			if !t.IsArray() {
				return elem, false
			}
			t = t.Elem()
		}
		if w.Is(types.AnyEnum) && !t.IsEnum() {
			return elem, false
		}
		switch {
		case elem == types.Type{} || elem == t:
			elem = t
		case !unify:
			return elem, false
		case !elem.Preferred() && CanCast(elem, t, 'i') && !CanCast(t, elem, 'i'):
			elem = t
		case !CanCast(t, elem, 'i'):
			return elem, false
		}
	}
	return elem, true
}

func isPoly(t types.Type) bool {
	return t.Is(types.AnyArray) || t.Is(types.AnyElement) || t.Is(types.AnyNonArray) || t.Is(types.AnyEnum)
}

// best keeps the candidates with the highest score.
func best(cs []candidate, score func(candidate) int) []candidate {
	top := -1
	var out []candidate
	for _, c := range cs {
		switch s := score(c); {
		case s > top:
			top, out = s, []candidate{c}
		case s == top:
			out = append(out, c)
		}
	}
	return out
}

// selectCandidate is PostgreSQL's func_select_candidate: of several that fit, the one that needs the fewest conversions.
func selectCandidate(cs []candidate, ts []types.Type) []candidate {
	known := func(i int) bool { return !ts[i].Is(types.Unknown) }
	unknowns := 0
	for i := range ts {
		if !known(i) {
			unknowns++
		}
	}
	cs = best(cs, func(c candidate) int {
		n := 0
		for i, a := range c.args {
			if known(i) && a.Is(ts[i]) {
				n++
			}
		}
		return n
	})
	if len(cs) == 1 {
		return cs
	}
	cs = best(cs, func(c candidate) int {
		n := 0
		for i, a := range c.args {
			if known(i) && (a.Is(ts[i]) || a.Category() == ts[i].Category() && a.Preferred()) {
				n++
			}
		}
		return n
	})
	if len(cs) == 1 || unknowns == 0 {
		return cs
	}
	if picked := byUnknownCategory(cs, ts); len(picked) > 0 {
		if cs = picked; len(cs) == 1 {
			return cs
		}
	}
	return byKnownType(cs, ts, unknowns)
}

// byUnknownCategory narrows by the category that each unknown argument has in the candidates: string before all others.
func byUnknownCategory(cs []candidate, ts []types.Type) []candidate {
	cat := make([]byte, len(ts))
	preferred := make([]bool, len(ts))
	for i, t := range ts {
		if !t.Is(types.Unknown) {
			continue
		}
		conflict := false
		for k, c := range cs {
			cc, cp := c.args[i].Category(), c.args[i].Preferred()
			switch {
			case k == 0:
				cat[i], preferred[i] = cc, cp
			case cc == cat[i]:
				preferred[i] = preferred[i] || cp
			case cc == types.CatString:
				cat[i], preferred[i], conflict = cc, cp, false
			default:
				conflict = conflict || cat[i] != types.CatString
			}
		}
		if conflict {
			return nil
		}
	}
	var out []candidate
	for _, c := range cs {
		keep := true
		for i, a := range c.args {
			if cat[i] != 0 && (a.Category() != cat[i] || preferred[i] && !a.Preferred()) {
				keep = false
			}
		}
		if keep {
			out = append(out, c)
		}
	}
	return out
}

// byKnownType takes unknown arguments for what the known ones are, where those are all of one type.
func byKnownType(cs []candidate, ts []types.Type, unknowns int) []candidate {
	if unknowns == len(ts) {
		return cs
	}
	var one types.Type
	for _, t := range ts {
		if t.Is(types.Unknown) {
			continue
		}
		if one != (types.Type{}) && !one.Is(t) {
			return cs
		}
		one = t.Base()
	}
	all := make([]types.Type, len(ts))
	for i := range all {
		all[i] = one
	}
	if fit := coercible(cs, all); len(fit) == 1 {
		return fit
	}
	return cs
}
