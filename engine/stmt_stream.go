package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// createStream runs CREATE STREAM.
func (s *session) createStream(ctx context.Context, st *ast.CreateStream, _ string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	if st.OrReplace {
		return sqlerr.New(sqlerr.FeatureNotSupported, "CREATE OR REPLACE STREAM is not supported").At(int(st.Pos)).WithHint("Drop the stream and create it again.")
	}
	schema, name, err := s.newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	if skip, err := s.taken(schema, name, st.IfNotExists); err != nil {
		return err
	} else if skip {
		return w.Complete("CREATE STREAM")
	}
	rel := &catalog.Relation{Schema: schema, Name: name, Kind: catalog.Stream, AsTable: st.AsTable, Created: s.now()}
	if rel.Options, err = s.eng.readOptions(st.Options, streamOptions, false); err != nil {
		return err
	}
	if err := s.streamColumns(ctx, rel, st); err != nil {
		return err
	}
	rel.OID, err = s.newOID()
	if err != nil {
		return err
	}
	s.put(rel)
	if err := s.eng.mgr.OpenStream(rel); err != nil {
		return err
	}
	s.begin().undo = append(s.tx.undo, func() { s.eng.logIf(s.eng.mgr.CloseStream(rel, true), "close", rel) })
	return w.Complete("CREATE STREAM")
}

// streamNumbers makes the sequences of a stream's serial and identity columns.
func (s *session) streamNumbers(rel *catalog.Relation, st *ast.CreateStream, def *sql.TableDef) error {
	if len(def.Numbered) > 0 && rel.Connector() != "" {
		return sqlerr.New(sqlerr.FeatureNotSupported, "a serial or identity column of a stream with a connector is not supported").
			At(int(st.Cols[def.Numbered[0]].Pos)).WithHint("Only rows that clients insert are numbered.")
	}
	rel.Columns = def.Columns
	return s.numberColumns(rel, st.Cols, 0, def.Numbered)
}

// streamColumns settles the columns and the watermark: as written, or as the connector knows them.
func (s *session) streamColumns(ctx context.Context, rel *catalog.Relation, st *ast.CreateStream) error {
	def := s.eng.connector(rel.Connector())
	var err error
	if len(st.Cols) > 0 {
		var def *sql.TableDef
		if def, err = sql.BindColumnDefs(rel.Name, st.Cols, nil, nil, s.env(nil)); err == nil {
			rel.Columns, err = def.Columns, s.streamNumbers(rel, st, def)
		}
	} else {
		if def == nil || def.Infer == nil {
			return sqlerr.New(sqlerr.InvalidTableDefinition, "a stream needs at least one column").At(int(st.Pos)).
				WithHint("Columns may be left out where the connector knows them (rate, nexmark) or infers them (file with infer_schema = true).")
		}
		rel.Columns, rel.Watermark, err = def.Infer(ctx, rel.Options)
	}
	if err != nil {
		return sqlerr.AtDefault(err, int(st.Pos))
	}
	for _, d := range st.Cols {
		if d.Primary || d.Unique || len(d.Checks) > 0 || d.Refs != nil {
			return sqlerr.New(sqlerr.FeatureNotSupported, "constraints other than NOT NULL are not supported on streams").At(int(d.Pos))
		}
	}
	if len(st.Watermarks) > 1 {
		return sqlerr.New(sqlerr.InvalidTableDefinition, "a stream has at most one watermark").At(int(st.Watermarks[1].Pos))
	}
	if len(st.Watermarks) == 1 {
		if rel.Watermark, err = sql.BindWatermark(&st.Watermarks[0], rel.Columns, s.env(nil)); err != nil {
			return err
		}
	}
	if def != nil {
		for _, h := range def.Hidden {
			h.Hidden = true
			if rel.Column(h.Name) < 0 {
				rel.Columns = append(rel.Columns, h)
			}
		}
	}
	return nil
}
