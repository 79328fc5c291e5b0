package engine

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// createSequence runs CREATE [TEMP] SEQUENCE.
func (s *session) createSequence(st *ast.CreateSequence, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	newName := s.newName
	if st.Temp {
		newName = s.newTempName
	}
	schema, name, err := newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	if skip, err := s.taken(schema, name, st.IfNotExists); err != nil {
		return err
	} else if skip {
		return w.Complete("CREATE SEQUENCE")
	}
	rel := &catalog.Relation{Schema: schema, Name: name, Kind: catalog.Sequence, Columns: catalog.SequenceColumns(), Created: s.now()}
	if rel.Seq, err = s.sequenceDef(rel, st.Options, types.Int8); err != nil {
		return err
	}
	if rel.OID, err = s.newOID(); err != nil {
		return err
	}
	s.put(rel)
	return w.Complete("CREATE SEQUENCE")
}

// ownedSequence makes the sequence of a serial or identity column of a table that is being created; its name is free.
func (s *session) ownedSequence(table *catalog.Relation, col int, options []ast.Option) (*catalog.Relation, error) {
	c := table.Columns[col]
	base := clipPair(table.Name, c.Name) + "_seq"
	rel := &catalog.Relation{Schema: table.Schema, Name: base, Kind: catalog.Sequence, Columns: catalog.SequenceColumns(), Created: s.now()}
	for n := int64(1); s.cat().Lookup([]string{rel.Schema, rel.Name}, nil) != nil; n++ {
		rel.Name = base + itoa(n)
	}
	var err error
	if options, err = s.sequenceName(rel, options); err != nil {
		return nil, err
	}
	if rel.Seq, err = s.sequenceDef(rel, options, c.Type); err != nil {
		return nil, err
	}
	rel.Seq.Table, rel.Seq.Column, rel.Seq.Identity = table.OID, col, c.Identity != ""
	if rel.OID, err = s.newOID(); err != nil {
		return nil, err
	}
	s.put(rel)
	return rel, nil
}

// sequenceName takes SEQUENCE NAME out of the options of an identity column, and gives the sequence that name.
func (s *session) sequenceName(rel *catalog.Relation, options []ast.Option) ([]ast.Option, error) {
	i := slices.IndexFunc(options, func(o ast.Option) bool { return o.Key == "sequence" })
	if i < 0 {
		return options, nil
	}
	schema, name, err := s.newName(options[i].List, options[i].Pos)
	if err != nil {
		return nil, err
	}
	if schema != rel.Schema {
		return nil, sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to")
	}
	if _, err := s.taken(schema, name, false); err != nil {
		return nil, err
	}
	rel.Name = name
	return slices.Delete(slices.Clone(options), i, i+1), nil
}

// numberColumns makes the sequences of serial and identity columns, which are their defaults. defs are the definitions of the columns from first on.
func (s *session) numberColumns(rel *catalog.Relation, defs []ast.ColumnDef, first int, numbered []int) error {
	for _, i := range numbered {
		q, err := s.ownedSequence(rel, first+i, defs[i].Sequence)
		if err != nil {
			return err
		}
		rel.Columns[first+i].Default = nextvalOf(q)
	}
	return nil
}

// nextvalOf is the default that takes numbers from a sequence.
func nextvalOf(q *catalog.Relation) string {
	return "nextval('" + strings.ReplaceAll(quoteName(q, parser.QuoteIdent), "'", "''") + "'::regclass)"
}

// clipPair joins two names, cut so that a short ending leaves the whole within the 63 bytes of a name.
func clipPair(a, b string) string {
	for len(a)+len(b) > 58 {
		if len(a) > len(b) {
			a = a[:len(a)-1]
		} else {
			b = b[:len(b)-1]
		}
	}
	return a + "_" + b
}

// sequenceDef settles the options of a new sequence.
func (s *session) sequenceDef(rel *catalog.Relation, options []ast.Option, typ types.Type) (*catalog.SeqDef, error) {
	d := &catalog.SeqDef{Type: typ, Increment: 1, Cache: 1}
	return d, s.sequenceOptions(rel, d, options, true)
}

// typeBounds are the least and the greatest number of a sequence's type.
func typeBounds(t types.Type) (lo, hi int64) {
	switch t {
	case types.Int2:
		return math.MinInt16, math.MaxInt16
	case types.Int4:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

// sequenceOptions puts options into d, and fills what was not given where the sequence is new. Errors: 22023, 42601, those of the owner.
func (s *session) sequenceOptions(rel *catalog.Relation, d *catalog.SeqDef, options []ast.Option, fresh bool) error {
	var minimum, maximum, start *int64
	defaults := map[string]bool{"minvalue": fresh, "maxvalue": fresh}
	seen := map[string]bool{}
	bad := func(format string, args ...any) error {
		return sqlerr.New(sqlerr.InvalidParameterValue, format, args...)
	}
	for _, o := range options {
		what := strings.TrimPrefix(o.Key, "no ")
		if seen[what] {
			return sqlerr.New(sqlerr.SyntaxError, "conflicting or redundant options").At(int(o.Pos))
		}
		seen[what] = true
		number := func() (int64, error) {
			n, err := strconv.ParseInt(o.Value, 10, 64)
			if err != nil {
				return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "value %q is out of range for type bigint", o.Value).At(int(o.ValuePos))
			}
			return n, nil
		}
		n, err := int64(0), error(nil)
		switch o.Key {
		case "sequence":
			return sqlerr.New(sqlerr.SyntaxError, "invalid sequence option SEQUENCE NAME").At(int(o.Pos))
		case "as":
			if d.Type, err = sql.ResolveTypeName(ast.TypeName{Pos: o.Pos, Name: strings.Split(o.Value, ".")}, s.env(nil)); err != nil {
				return err
			}
			if d.Type != types.Int2 && d.Type != types.Int4 && d.Type != types.Int8 {
				return bad("sequence type must be smallint, integer, or bigint")
			}
			if !fresh {
				defaults["minvalue"], defaults["maxvalue"] = true, true
			}
		case "no minvalue", "no maxvalue":
			defaults[what] = true
		case "cycle", "no cycle":
			d.Cycle = o.Key == "cycle"
		case "owned":
			err = s.sequenceOwner(rel, d, strings.Split(o.Value, "."))
		case "restart":
		default:
			if n, err = number(); err != nil {
				return err
			}
			switch o.Key {
			case "increment":
				if d.Increment = n; n == 0 {
					err = bad("INCREMENT must not be zero")
				}
			case "minvalue":
				minimum = &n
			case "maxvalue":
				maximum = &n
			case "start":
				start = &n
			case "cache":
				if d.Cache = n; n <= 0 {
					err = bad("CACHE (%d) must be greater than zero", n)
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return boundSequence(d, minimum, maximum, start, defaults, fresh)
}

// boundSequence settles the bounds and the start, and checks them against each other.
func boundSequence(d *catalog.SeqDef, minimum, maximum, start *int64, defaults map[string]bool, fresh bool) error {
	lo, hi := typeBounds(d.Type)
	bad := func(format string, args ...any) error {
		return sqlerr.New(sqlerr.InvalidParameterValue, format, args...)
	}
	switch {
	case maximum != nil:
		d.Max = *maximum
	case defaults["maxvalue"] && d.Increment > 0:
		d.Max = hi
	case defaults["maxvalue"]:
		d.Max = -1
	}
	switch {
	case minimum != nil:
		d.Min = *minimum
	case defaults["minvalue"] && d.Increment > 0:
		d.Min = 1
	case defaults["minvalue"]:
		d.Min = lo
	}
	switch {
	case d.Max > hi || d.Max < lo:
		return bad("MAXVALUE (%d) is out of range for sequence data type %s", d.Max, d.Type)
	case d.Min > hi || d.Min < lo:
		return bad("MINVALUE (%d) is out of range for sequence data type %s", d.Min, d.Type)
	case d.Min >= d.Max:
		return bad("MINVALUE (%d) must be less than MAXVALUE (%d)", d.Min, d.Max)
	}
	switch {
	case start != nil:
		d.Start = *start
	case fresh && d.Increment > 0:
		d.Start = d.Min
	case fresh:
		d.Start = d.Max
	}
	switch {
	case d.Start < d.Min:
		return bad("START value (%d) cannot be less than MINVALUE (%d)", d.Start, d.Min)
	case d.Start > d.Max:
		return bad("START value (%d) cannot be greater than MAXVALUE (%d)", d.Start, d.Max)
	}
	return nil
}

// sequenceOwner is OWNED BY table.column or NONE.
func (s *session) sequenceOwner(rel *catalog.Relation, d *catalog.SeqDef, names []string) error {
	if d.Identity {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot change ownership of identity sequence").
			WithDetail("Sequence %q is linked to table %q.", rel.Name, s.cat().ByOID(d.Table).Name)
	}
	if len(names) == 1 {
		if names[0] != "none" {
			return sqlerr.New(sqlerr.SyntaxError, "invalid OWNED BY option").WithHint("Specify OWNED BY table.column or OWNED BY NONE.")
		}
		d.Table, d.Column = 0, 0
		return nil
	}
	t, err := s.cat().Resolve(names[:len(names)-1], s.SearchPath())
	if err != nil {
		return err
	}
	if t.Kind != catalog.Table {
		return sqlerr.New(sqlerr.WrongObjectType, "sequence cannot be owned by relation %q", t.Name).WithDetail("This operation is not supported for %ss.", t.Kind)
	}
	if t.Schema != rel.Schema {
		return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to")
	}
	c := t.Column(names[len(names)-1])
	if c < 0 {
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", names[len(names)-1], t.Name)
	}
	d.Table, d.Column = t.OID, c
	return nil
}

// alterSequence runs ALTER SEQUENCE with options.
func (s *session) alterSequence(rel, n *catalog.Relation, st *ast.Alter) error {
	d := *rel.Seq
	n.Seq = &d
	if err := s.sequenceOptions(rel, &d, st.Options, false); err != nil {
		return err
	}
	at, err := s.eng.sequences.peek(rel)
	if err != nil {
		return err
	}
	last, called := at.last, at.called
	if !called && !hasOption(st.Options, "restart") && last == rel.Seq.Start {
		last = d.Start
	}
	for _, o := range st.Options {
		if o.Key == "restart" {
			last, called = d.Start, false
			if o.HasValue {
				if last, err = strconv.ParseInt(o.Value, 10, 64); err != nil {
					return sqlerr.New(sqlerr.NumericValueOutOfRange, "value %q is out of range for type bigint", o.Value).At(int(o.ValuePos))
				}
			}
		}
	}
	switch {
	case last < d.Min:
		return sqlerr.New(sqlerr.InvalidParameterValue, "RESTART value (%d) cannot be less than MINVALUE (%d)", last, d.Min)
	case last > d.Max:
		return sqlerr.New(sqlerr.InvalidParameterValue, "RESTART value (%d) cannot be greater than MAXVALUE (%d)", last, d.Max)
	}
	s.replace(rel, n)
	return s.eng.sequences.restart(n, last, called)
}

func hasOption(options []ast.Option, key string) bool {
	for _, o := range options {
		if o.Key == key {
			return true
		}
	}
	return false
}
