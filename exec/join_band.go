package exec

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// joinBand finds the rows of a key with many rows by the column of a range, l.x between r.y + lo and r.y + hi, so that a row does not look at all of them.
// Rows whose values lie in the same stretch of width are in one bucket; a row of the other side looks into the two or three that its range touches. Rows where the
// column is NULL have no partner, and are in none.
type joinBand struct {
	col    int
	lo, hi int64 // partners of a row of the other side with value v have values in [v + lo, v + hi]
	width  int64
	n      []uint32 // by key: rows
	hot    map[uint32]map[int64][]uint32
	at     []uint32 // by row of a hot key: its place in its bucket
}

// hotRows is how many rows a key has before it gets buckets.
const hotRows = 64

// banded sets the bands of both sides from the parts of a join's condition that are no keys.
func (j *join) banded(rest expr.Expr, utc bool) {
	split := len(j.side[0].types)
	var best *plan.Range
	for _, r := range plan.Ranges(parts(rest), split) {
		l, right := j.side[0].types[r.L], j.side[1].types[r.R]
		if r.Closed() && r.Hi >= r.Lo && (utc || !r.UTC) && ordered(l) != 0 && ordered(l) == ordered(right) && (best == nil || r.Hi-r.Lo < best.Hi-best.Lo) {
			best = &r
		}
	}
	if best == nil {
		return
	}
	width := max(best.Hi-best.Lo, 1)
	j.side[0].band = &joinBand{col: best.L, lo: best.Lo, hi: best.Hi, width: width, hot: map[uint32]map[int64][]uint32{}}
	j.side[1].band = &joinBand{col: best.R, lo: -best.Hi, hi: -best.Lo, width: width, hot: map[uint32]map[int64][]uint32{}}
}

// parts takes an AND apart.
func parts(x expr.Expr) []expr.Expr {
	if a, ok := x.(*expr.And); ok {
		var out []expr.Expr
		for _, y := range a.Args {
			out = append(out, parts(y)...)
		}
		return out
	}
	return []expr.Expr{x}
}

// ordered tells the types whose stored integers are compared as they are, in classes of the same unit; 0: another type.
func ordered(t types.Type) int {
	switch t.Base() {
	case types.Int2, types.Int4, types.Int8:
		return 1
	case types.Timestamp, types.TimestampTZ:
		return 2
	case types.Date:
		return 3
	}
	return 0
}

func (x *joinBand) bucket(v int64) int64 {
	k := v / x.width
	if v%x.width < 0 {
		k--
	}
	return k
}

// add takes row e in, which s has linked to key g.
func (x *joinBand) add(s *joinSide, e, g uint32) {
	x.n = resize(x.n, max(len(x.n), int(g)+1))
	x.n[g]++
	if h := x.hot[g]; h != nil {
		x.put(s, h, e)
		return
	}
	if x.n[g] < hotRows {
		return
	}
	h := map[int64][]uint32{}
	x.hot[g] = h
	for e := s.head[g]; e != none; e = s.next[e] {
		x.put(s, h, e)
	}
}

func (x *joinBand) put(s *joinSide, h map[int64][]uint32, e uint32) {
	c := s.rows.tab.cols[x.col]
	if c.nulls != nil && c.nulls[e] {
		return
	}
	x.at = resize(x.at, max(len(x.at), int(e)+1))
	k := x.bucket(c.ints[e])
	x.at[e] = uint32(len(h[k]))
	h[k] = append(h[k], e)
}

// remove takes row e out.
func (x *joinBand) remove(s *joinSide, e, g uint32) {
	x.n[g]--
	h := x.hot[g]
	if h == nil {
		return
	}
	if x.n[g] == 0 {
		delete(x.hot, g)
		return
	}
	c := s.rows.tab.cols[x.col]
	if c.nulls != nil && c.nulls[e] {
		return
	}
	k := x.bucket(c.ints[e])
	l, last := h[k], len(h[k])-1
	l[x.at[e]] = l[last]
	x.at[l[last]] = x.at[e]
	if l = l[:last]; last == 0 {
		delete(h, k)
	} else {
		h[k] = l
	}
}

// near lists the buckets in which the partners of a row with value v are.
func (x *joinBand) near(h map[int64][]uint32, v int64, out [][]uint32) [][]uint32 {
	out = out[:0]
	for k, end := x.bucket(plusTime(v, x.lo)), x.bucket(plusTime(v, x.hi)); k <= end; k++ {
		if l := h[k]; l != nil {
			out = append(out, l)
		}
	}
	return out
}

func (x *joinBand) memory() int64 {
	m := int64(cap(x.n)+2*cap(x.at)) * 4
	for _, h := range x.hot {
		m += int64(len(h)) * 64
	}
	return m
}

// matchHot adds the pairs of row i of a batch, whose key has buckets.
func (j *join) matchHot(st *run, port int, b *types.Batch, i int, h map[int64][]uint32, counts []int64) error {
	if b.Cols[j.side[port].band.col].IsNull(i) {
		return nil
	}
	o, p := j.side[1-port], &j.probe
	p.near = o.band.near(h, p.values.ints[i], p.near)
	for _, l := range p.near {
		for _, e := range l {
			if o.rows.w[e] == 0 {
				continue
			}
			p.rows, p.stored = append(p.rows, int32(i)), append(p.stored, e)
			if len(p.rows) == outBatch {
				if err := j.flush(st, port, b, counts); err != nil || st.batch && !wants(j) {
					return err
				}
			}
		}
	}
	return nil
}

// readBand reads the values of a batch by which rows of hot keys are looked for.
func (j *join) readBand(port int, b *types.Batch) {
	s := j.side[port]
	s.rows.tab.cols[s.band.col].read(&j.probe.values, b.Cols[s.band.col])
}
