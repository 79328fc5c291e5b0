package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/copyfmt"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// copyBatch is how many rows COPY FROM decodes at a time.
const copyBatch = 8192

// copy runs COPY.
func (s *session) copy(ctx context.Context, st *ast.Copy, text string, w ResultWriter) error {
	if st.File != "" {
		return sqlerr.New(sqlerr.FeatureNotSupported, "COPY to or from a file on the server is not supported").At(int(st.Pos)).
			WithHint("Use \\copy in psql for a file of the client, or a stream or sink with connector = 'file'.")
	}
	if st.From {
		return s.copyFrom(ctx, st, w)
	}
	return s.copyTo(ctx, st, text, w)
}

// copyTo runs COPY ... TO STDOUT.
func (s *session) copyTo(ctx context.Context, st *ast.Copy, text string, w ResultWriter) error {
	src, err := s.copySource(ctx, st, text)
	if err != nil {
		return err
	}
	if src.close != nil {
		defer src.close()
	}
	o, err := copyOptions(st, src.cols)
	if err != nil {
		return err
	}
	if err := w.CopyOut(src.cols, o, s.format()); err != nil {
		return err
	}
	var n int64
	err = src.run(ctx, func(b *types.Batch) error {
		n += int64(b.N)
		if err := w.Batch(b); err != nil || !src.live {
			return err
		}
		return w.Flush()
	})
	if err != nil && !errors.Is(err, errStop) {
		return err
	}
	return w.Complete("COPY " + itoa(n))
}

// copySource is what COPY TO reads: a table's columns, a query or a subscription.
func (s *session) copySource(ctx context.Context, st *ast.Copy, text string) (*rowSource, error) {
	if st.Subscribe != nil {
		src, err := s.openSubscribe(ctx, st.Subscribe, text)
		s.updates.Notices = slices.DeleteFunc(s.updates.Notices, func(n Notice) bool { return n.Severity == "NOTICE" && strings.HasPrefix(n.Message, "psql shows") })
		return src, err
	}
	if st.Change != nil || st.Query != nil {
		return s.copyStatement(ctx, st, text)
	}
	rel, err := s.cat().Resolve(st.Names, s.SearchPath())
	if err != nil {
		return nil, err
	}
	if rel.Kind == catalog.View {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "cannot copy from view %q", rel.Name).WithHint("Try the COPY (SELECT ...) TO variant.")
	}
	cols, err := copyColumns(rel, st.Cols)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range cols {
		names = append(names, parser.QuoteIdent(rel.Columns[c].Name))
	}
	at := "SELECT " + strings.Join(names, ", ") + " FROM " + quoteName(rel, parser.QuoteIdent)
	q, err := parser.ParseQuery(at)
	if err != nil {
		return nil, err
	}
	plan, err := s.planQuery(q, at, nil)
	if err != nil {
		return nil, err
	}
	return s.openQuery(ctx, plan, nil)
}

// copyStatement is the query of COPY (query) TO.
func (s *session) copyStatement(ctx context.Context, st *ast.Copy, text string) (*rowSource, error) {
	var stmt ast.Stmt = &ast.QueryStmt{Query: st.Query}
	if st.Change != nil {
		stmt = st.Change
	} else if sel, ok := st.Query.Body.(*ast.Select); ok && len(sel.Into) > 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "COPY (SELECT INTO) is not supported")
	}
	p, err := s.analyze(stmt, text, nil)
	if err != nil {
		return nil, err
	}
	if p.cols == nil {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "COPY query must have a RETURNING clause")
	}
	if err := s.checkReadOnly(stmt); err != nil {
		return nil, err
	}
	return s.open(ctx, p, nil)
}

// copyColumns are the columns that COPY names, or all that can be given values.
func copyColumns(rel *catalog.Relation, names []string) ([]int, error) {
	var cols []int
	for i, c := range rel.Columns {
		if len(names) == 0 && !c.Hidden && !c.Dropped && c.Generated == "" {
			cols = append(cols, i)
		}
	}
	for _, n := range names {
		c := rel.Column(n)
		if c < 0 {
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", n, rel.Name)
		}
		if rel.Columns[c].Generated != "" {
			return nil, sqlerr.New(sqlerr.InvalidColumnReference, "column %q is a generated column", n).WithDetail("Generated columns cannot be used in COPY.")
		}
		if slices.Contains(cols, c) {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", n)
		}
		cols = append(cols, c)
	}
	return cols, nil
}

// copyFrom runs COPY ... FROM STDIN.
func (s *session) copyFrom(ctx context.Context, st *ast.Copy, w ResultWriter) error {
	rel, err := s.writable(st.Names, "COPY FROM", int(st.Pos))
	if err != nil {
		return err
	}
	cols, err := copyColumns(rel, st.Cols)
	if err != nil {
		return err
	}
	out := make([]Column, len(cols))
	in := make([]copyfmt.Column, len(cols))
	for i, c := range cols {
		out[i] = Column{Name: rel.Columns[c].Name, Type: rel.Columns[c].Type}
		in[i] = copyfmt.Column{Name: out[i].Name, Type: out[i].Type}
	}
	o, err := copyOptions(st, out)
	if err != nil {
		return err
	}
	ins, err := s.newInserter(rel, cols, nil)
	if err != nil {
		return err
	}
	if st.Where != nil {
		if ins.where, err = sql.BindCopyWhere(st.Where, rel, s.env(nil)); err != nil {
			return err
		}
	}
	r, err := w.CopyIn(o.Format, len(cols))
	if err != nil {
		return err
	}
	dec := copyfmt.NewDecoder(r, rel.Name, in, o, s.format())
	var n int64
	for {
		b, err := dec.Next(copyBatch)
		if b != nil && b.N > 0 {
			in, err := ins.insert(b)
			if err != nil {
				return err
			}
			n += int64(in)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := ins.refs.finish(ctx); err != nil {
		return err
	}
	if err := s.autocommit(ctx); err != nil {
		return err
	}
	return w.Complete("COPY " + itoa(n))
}

// autocommit commits an implicit transaction before its statement reports success: rows are durable before the command is complete.
func (s *session) autocommit(ctx context.Context) error {
	if s.inQuery {
		return nil
	}
	return s.endImplicit(ctx)
}

// copyOptions reads the option list of COPY for the columns it moves.
func copyOptions(st *ast.Copy, cols []Column) (*copyfmt.Options, error) {
	format := copyfmt.Text
	for _, o := range st.Options {
		if o.Key == "format" {
			switch strings.ToLower(o.Value) {
			case "text":
			case "csv":
				format = copyfmt.CSV
			case "binary":
				format = copyfmt.Binary
			default:
				return nil, sqlerr.New(sqlerr.InvalidParameterValue, "COPY format %q not recognized", o.Value).At(int(o.Pos))
			}
		}
	}
	opt := copyfmt.Defaults(format)
	seen := map[string]bool{}
	for _, o := range st.Options {
		if seen[o.Key] {
			return nil, sqlerr.New(sqlerr.SyntaxError, "conflicting or redundant options").At(int(o.Pos))
		}
		seen[o.Key] = true
		if format == copyfmt.Binary && o.Key != "format" && o.Key != "freeze" && o.Key != "encoding" {
			return nil, sqlerr.New(sqlerr.SyntaxError, "cannot specify %s in BINARY mode", strings.ToUpper(o.Key)).At(int(o.Pos))
		}
		if err := copyOption(&opt, o, cols, seen, st.From); err != nil {
			return nil, err
		}
	}
	return &opt, opt.Check()
}

func copyOption(opt *copyfmt.Options, o ast.Option, cols []Column, seen map[string]bool, from bool) error {
	one := func(dst *byte) error {
		if len(o.Value) != 1 {
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY %s must be a single one-byte character", strings.ToLower(o.Key))
		}
		*dst = o.Value[0]
		return nil
	}
	csvOnly := func(f func() error) error {
		if what := strings.ReplaceAll(o.Key, "_", " "); opt.Format == copyfmt.CSV && strings.HasSuffix(what, "null") && !from {
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY %s only available using COPY FROM", what)
		} else if opt.Format == copyfmt.CSV && what == "force quote" && from {
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY force quote only available using COPY TO")
		}
		if opt.Format != copyfmt.CSV {
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY %s available only in CSV mode", strings.ReplaceAll(strings.ToLower(o.Key), "_", " "))
		}
		return f()
	}
	switch o.Key {
	case "encoding":
		if _, err := utf8(o.Value); err != nil {
			return sqlerr.New(sqlerr.FeatureNotSupported, "COPY encoding %q is not supported", o.Value).At(int(o.Pos)).WithHint("The encoding is UTF8.")
		}
		return nil
	case "format", "freeze":
		return nil
	case "delimiter":
		return one(&opt.Delim)
	case "null":
		opt.Null = o.Value
		return nil
	case "header":
		v := "on"
		var err error
		if o.HasValue && strings.EqualFold(o.Value, "match") {
			if !from {
				return sqlerr.New(sqlerr.FeatureNotSupported, "cannot use \"match\" with HEADER in COPY TO")
			}
			opt.Match = true
		} else if o.HasValue {
			if v, err = boolean(o.Value); err != nil {
				return sqlerr.New(sqlerr.SyntaxError, "header requires a Boolean value or \"match\"").At(int(o.Pos))
			}
		}
		opt.Header = v == "on"
		return nil
	case "quote":
		return csvOnly(func() error {
			if err := one(&opt.Quote); err != nil {
				return err
			}
			if !seen["escape"] {
				opt.Escape = opt.Quote
			}
			return nil
		})
	case "escape":
		return csvOnly(func() error { return one(&opt.Escape) })
	case "force_quote":
		return csvOnly(func() (err error) {
			if o.Value == "*" {
				opt.ForceQuoteAll = true
				return nil
			}
			opt.ForceQuote, err = markColumns(o, cols)
			return err
		})
	case "force_not_null":
		return csvOnly(func() (err error) { opt.ForceNotNull, err = markColumns(o, cols); return err })
	case "force_null":
		return csvOnly(func() (err error) { opt.ForceNull, err = markColumns(o, cols); return err })
	}
	return sqlerr.New(sqlerr.SyntaxError, "option %q not recognized", o.Key).At(int(o.Pos))
}

func markColumns(o ast.Option, cols []Column) ([]bool, error) {
	out := make([]bool, len(cols))
	for _, n := range o.List {
		at := slices.IndexFunc(cols, func(c Column) bool { return c.Name == n })
		if at < 0 {
			return nil, sqlerr.New(sqlerr.InvalidColumnReference, "%s column %q not referenced by COPY", strings.ToUpper(o.Key), n).At(int(o.Pos))
		}
		out[at] = true
	}
	return out, nil
}
