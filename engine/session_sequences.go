package engine

import (
	"context"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// sequence finds a sequence by OID. Errors: 42809, 42P01.
func (s *session) sequence(oid uint32) (*catalog.Relation, error) {
	rel := s.cat().ByOID(oid)
	switch {
	case rel == nil:
		return nil, sqlerr.New(sqlerr.UndefinedTable, "could not open relation with OID %d", oid)
	case rel.Kind != catalog.Sequence:
		return nil, sqlerr.New(sqlerr.WrongObjectType, "%q is not a sequence", rel.Name)
	}
	return rel, nil
}

func (s *session) writableSequence(oid uint32, fn string) (*catalog.Relation, error) {
	rel, err := s.sequence(oid)
	if err == nil && s.tx != nil && s.tx.readOnly && !isTemp(rel.Schema) {
		return nil, sqlerr.New(sqlerr.ReadOnlySQLTransaction, "cannot execute %s() in a read-only transaction", fn)
	}
	return rel, err
}

// sequenceRow is a sequence read as a table: one row.
func sequenceRow(_ context.Context, s *session, rel *catalog.Relation) (*types.Batch, error) {
	at, err := s.eng.sequences.peek(rel)
	if err != nil {
		return nil, err
	}
	out := &types.Batch{N: 1}
	for i, text := range []string{itoa(at.last), itoa(at.ahead), strconv.FormatBool(at.called)} {
		b := types.NewBuilder(rel.Columns[i].Type)
		if err := types.ParseText(b, text, rel.Columns[i].Type, s.exprCtx(nil).Format); err != nil {
			return nil, err
		}
		out.Cols = append(out.Cols, b.NewArray())
	}
	return out, nil
}

// NextVals implements expr.Sequences.
func (s *session) NextVals(oid uint32, n int) ([]int64, error) {
	rel, err := s.writableSequence(oid, "nextval")
	if err != nil {
		return nil, err
	}
	vals, err := s.eng.sequences.next(rel, n)
	if err == nil && n > 0 {
		if s.currvals == nil {
			s.currvals = map[uint32]int64{}
		}
		s.currvals[oid], s.lastSequence = vals[n-1], oid
	}
	return vals, err
}

// CurrVal implements expr.Sequences.
func (s *session) CurrVal(oid uint32) (int64, error) {
	rel, err := s.sequence(oid)
	if err != nil {
		return 0, err
	}
	v, ok := s.currvals[oid]
	if !ok {
		return 0, sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "currval of sequence %q is not yet defined in this session", rel.Name)
	}
	return v, nil
}

// LastVal implements expr.Sequences.
func (s *session) LastVal() (int64, error) {
	if s.lastSequence == 0 || s.cat().ByOID(s.lastSequence) == nil {
		return 0, sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session")
	}
	return s.currvals[s.lastSequence], nil
}

// SetVal implements expr.Sequences.
func (s *session) SetVal(oid uint32, v int64, called bool) error {
	rel, err := s.writableSequence(oid, "setval")
	if err != nil {
		return err
	}
	if d := rel.Seq; v < d.Min || v > d.Max {
		return sqlerr.New(sqlerr.NumericValueOutOfRange, "setval: value %d is out of bounds for sequence %q (%d..%d)", v, rel.Name, d.Min, d.Max)
	}
	if called {
		if s.currvals == nil {
			s.currvals = map[uint32]int64{}
		}
		s.currvals[oid] = v
	}
	return s.eng.sequences.restart(rel, v, called)
}

// liveSequences are the rows of pg_sequences; the last value is NULL before the first call.
func liveSequences(s *session) [][]any {
	var rows [][]any
	for _, r := range s.cat().Relations() {
		if r.Kind != catalog.Sequence {
			continue
		}
		var last any
		if at, err := s.eng.sequences.peek(r); err == nil && at.called {
			last = at.last
		}
		d := r.Seq
		rows = append(rows, []any{r.Schema, r.Name, s.User(), d.Type.OID, d.Start, d.Min, d.Max, d.Increment, d.Cycle, d.Cache, last})
	}
	return rows
}
