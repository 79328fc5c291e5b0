package engine

import (
	"context"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/types"
)

// subscription is a SUBSCRIBE that was analysed.
type subscription struct {
	rel      *catalog.Relation // nil: a query
	query    *stream.Query
	cols     []Column // _batch_id, _op, then the row
	snapshot bool
	progress bool
	since    int64 // -1: not given
}

// subscribe analyses SUBSCRIBE.
func (s *session) subscribe(st *ast.Subscribe, text string) (*subscription, error) {
	sub := &subscription{snapshot: true, since: -1}
	if err := sub.options(st.Options); err != nil {
		return nil, err
	}
	q, at := st.Query, text
	if q == nil {
		rel, err := s.cat().Resolve(st.Names, s.SearchPath())
		if err != nil {
			return nil, sqlerr.AtDefault(err, int(st.Pos))
		}
		switch {
		case rel.Kind == catalog.System, rel.Kind == catalog.Sink && rel.Connector() != "memory":
			return nil, sqlerr.New(sqlerr.WrongObjectType, "%s %q cannot be subscribed to", rel.Kind, rel.Name).At(int(st.Pos)).WithHint("SUBSCRIBE follows streams, tables, views, materialized views and memory sinks.")
		case rel.Kind == catalog.View, rel.Kind == catalog.Stream && rel.Connector() != "":
			at = "SELECT * FROM " + quoteName(rel, parser.QuoteIdent)
			if q, err = parser.ParseQuery(at); err != nil {
				return nil, err
			}
		default:
			sub.rel = rel
		}
	}
	sub.cols = []Column{{Name: "_batch_id", Type: types.Int8}, {Name: "_op", Type: types.Text}}
	if sub.rel != nil {
		for i, c := range sub.rel.Columns {
			if !c.Hidden && !c.Dropped {
				sub.cols = append(sub.cols, Column{Name: c.Name, Type: c.Type, TableOID: sub.rel.OID, AttNum: uint16(i + 1)})
			}
		}
		return sub, nil
	}
	return sub, s.subscribeQuery(sub, q, at, int(st.SQLPos))
}

func (s *session) subscribeQuery(sub *subscription, q *ast.Query, text string, pos int) error {
	if sub.since >= 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "since needs a named object: the batches of a query that only this SUBSCRIBE runs are not kept").At(pos).
			WithHint("CREATE MATERIALIZED VIEW of the query, and subscribe to that.")
	}
	mode := plan.Update
	if q.EmitClose {
		mode = plan.Append
	}
	bound, fin, err := s.eng.bindContinuous(q, text, s.eng.continuousEnv(s.cat(), s.SearchPath()), mode, nil, s.eng.noteStats())
	if err != nil {
		return err
	}
	cols := resultColumns(bound)
	rel := &catalog.Relation{Schema: catalog.Public, Name: "subscribe", Kind: catalog.Sink, Mode: string(mode), Trigger: "default", Deps: bound.Deps, Key: fin.Key, Single: fin.Single}
	for _, c := range cols {
		rel.Columns = append(rel.Columns, catalog.Column{Name: c.Name, Type: c.Type})
	}
	sub.cols = append(sub.cols, cols...)
	sub.query = &stream.Query{Rel: rel, Plan: bound, Build: s.eng.builder(bound, rel, true)}
	return nil
}

func (sub *subscription) options(list []ast.Option) error {
	for _, o := range list {
		var err error
		switch o.Key {
		case "snapshot", "progress":
			v := "on"
			if o.HasValue {
				v, err = boolean(o.Value)
			}
			if o.Key == "snapshot" {
				sub.snapshot = v == "on"
			} else {
				sub.progress = v == "on"
			}
		case "since":
			if sub.since, err = strconv.ParseInt(o.Value, 10, 64); err == nil && sub.since < 0 {
				err = strconv.ErrRange
			}
		default:
			return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized SUBSCRIBE option %q", o.Key).At(int(o.Pos)).WithHint("Options: snapshot, progress, since.")
		}
		if err != nil {
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option %q: %q", o.Key, o.Value).At(int(o.ValuePos))
		}
	}
	return nil
}

func (s *session) describeSubscribe(st *ast.Subscribe, text string) ([]Column, error) {
	sub, err := s.subscribe(st, text)
	if err != nil {
		return nil, err
	}
	return sub.cols, nil
}

// explainLive tells a user of psql, which shows nothing before a statement ends, how to see the rows of a source that never does.
func (s *session) explainLive() {
	if app, _ := s.Setting("application_name"); app == "psql" {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "psql shows rows only when a statement ends: use COPY (SUBSCRIBE ...) TO STDOUT, or \\set FETCH_COUNT 1, to see them as they come")
	}
}

// openSubscribe starts SUBSCRIBE.
func (s *session) openSubscribe(_ context.Context, st *ast.Subscribe, text string) (*rowSource, error) {
	sub, err := s.subscribe(st, text)
	if err != nil {
		return nil, err
	}
	src := &rowSource{cols: sub.cols, live: true, tag: func(n int64) string { return "SUBSCRIBE " + itoa(n) }}
	src.run = func(ctx context.Context, emit func(*types.Batch) error) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(s.eng.live, func() {
			cancel(sqlerr.New(sqlerr.AdminShutdown, "terminating connection due to administrator command"))
		})()
		for _, oid := range sub.reads() {
			defer s.eng.watches.on(oid, func(changed bool) {
				if changed {
					cancel(sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "what this SUBSCRIBE follows was changed").
						WithHint("Subscribe again, with a snapshot."))
					return
				}
				cancel(sqlerr.New(sqlerr.UndefinedTable, "what this SUBSCRIBE follows was dropped"))
			})()
		}
		return s.eng.follow(ctx, sub, emit)
	}
	return src, nil
}

// reads are the relations whose end is the subscription's.
func (sub *subscription) reads() []uint32 {
	if sub.rel != nil {
		return []uint32{sub.rel.OID}
	}
	return sub.query.Rel.Deps
}

// follow hands on each committed step's changes.
func (e *Engine) follow(ctx context.Context, sub *subscription, emit func(*types.Batch) error) error {
	each := func(c stream.Change) error {
		if c.Batch != nil && c.Batch.N > 0 {
			if err := emit(sub.rows(c)); err != nil {
				return err
			}
		}
		if sub.progress && !c.Part {
			return emit(sub.progressRow(c.Step))
		}
		return nil
	}
	var err error
	if sub.rel != nil {
		since := sub.since
		err = e.mgr.Follow(ctx, sub.rel, since, sub.snapshot && since < 0, each)
	} else {
		first := !sub.snapshot
		err = e.mgr.Run(ctx, sub.query, func(c stream.Change) error {
			if first {
				first = false
				return nil
			}
			return each(c)
		})
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// rows puts _batch_id and _op before a step's rows.
func (sub *subscription) rows(c stream.Change) *types.Batch {
	n := c.Batch.N
	id := array.NewInt64Builder(types.Mem)
	op := array.NewStringBuilder(types.Mem)
	id.Reserve(n)
	op.Reserve(n)
	for i := 0; i < n; i++ {
		id.UnsafeAppend(c.Step)
		if c.Ops == nil {
			op.Append(connector.Insert.String())
		} else {
			op.Append(c.Ops[i].String())
		}
	}
	cols := append([]arrow.Array{id.NewArray(), op.NewArray()}, c.Batch.Cols...)
	return &types.Batch{N: n, Cols: cols[:len(sub.cols)]}
}

// progressRow tells that a step is complete.
func (sub *subscription) progressRow(step int64) *types.Batch {
	b := &types.Batch{N: 1}
	for i, c := range sub.cols {
		bld := types.NewBuilder(c.Type)
		switch i {
		case 0:
			bld.(*array.Int64Builder).Append(step)
		case 1:
			bld.(*array.StringBuilder).Append("progress")
		default:
			bld.AppendNull()
		}
		b.Cols = append(b.Cols, bld.NewArray())
	}
	return b
}
