package wire

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// failExtended sends the error of an extended message at once; what follows is ignored until Sync.
func (c *conn) failExtended(err error, text string) {
	c.fail(err, text)
	c.skip = true
	c.flush()
}

func (c *conn) parse(m *pgproto3.Parse) {
	err := checkUTF8(m.Query)
	if err == nil {
		err = c.call(func(ctx context.Context) error {
			return c.sess.Parse(ctx, m.Name, m.Query, slices.Clone(m.ParameterOIDs))
		})
	}
	if err != nil {
		c.failExtended(err, m.Query)
		return
	}
	c.stmts[m.Name] = m.Query
	c.send(&pgproto3.ParseComplete{})
}

func (c *conn) bind(m *pgproto3.Bind) {
	text := c.stmts[m.PreparedStatement]
	r := &engine.BindRequest{
		Portal: m.DestinationPortal, Statement: m.PreparedStatement,
		Params: cloneParams(m.Parameters), ParamFormats: slices.Clone(m.ParameterFormatCodes), ResultFormats: slices.Clone(m.ResultFormatCodes),
	}
	err := c.call(func(ctx context.Context) error {
		if n := len(r.ParamFormats); n > 1 && n != len(r.Params) {
			return sqlerr.New(sqlerr.ProtocolViolation, "bind message has %d parameter formats but %d parameters", n, len(r.Params))
		}
		for _, f := range r.ParamFormats {
			if f != 0 && f != 1 {
				return sqlerr.New(sqlerr.InvalidParameterValue, "unsupported format code: %d", f)
			}
		}
		return c.sess.Bind(ctx, r)
	})
	if err != nil {
		c.failExtended(err, text)
		return
	}
	c.portals[r.Portal] = text
	c.send(&pgproto3.BindComplete{})
}

// cloneParams copies the parameters out of the receive buffer, into one piece of memory.
func cloneParams(in [][]byte) [][]byte {
	n := 0
	for _, p := range in {
		n += len(p)
	}
	mem := make([]byte, 0, n)
	out := make([][]byte, len(in))
	for i, p := range in {
		if p != nil {
			at := len(mem)
			mem = append(mem, p...)
			out[i] = mem[at:len(mem):len(mem)]
		}
	}
	return out
}

func (c *conn) describe(m *pgproto3.Describe) {
	name := m.Name
	if m.ObjectType != 'S' && m.ObjectType != 'P' {
		c.failExtended(sqlerr.New(sqlerr.ProtocolViolation, "invalid DESCRIBE message subtype %d", m.ObjectType), "")
		return
	}
	text, statement := c.portals[name], m.ObjectType == 'S'
	if statement {
		text = c.stmts[name]
	}
	var d engine.StatementDesc
	err := c.call(func(ctx context.Context) (err error) {
		if !statement {
			d.Columns, err = c.sess.DescribePortal(ctx, name)
			return err
		}
		s, err := c.sess.DescribeStatement(ctx, name)
		if err == nil {
			d = *s
		}
		return err
	})
	if err != nil {
		c.failExtended(err, text)
		return
	}
	if statement {
		c.send(&pgproto3.ParameterDescription{ParameterOIDs: d.ParamOIDs})
	}
	if d.Columns == nil {
		c.send(&pgproto3.NoData{})
		return
	}
	c.send(rowDescription(d.Columns))
}

func rowDescription(cols []engine.Column) *pgproto3.RowDescription {
	m := &pgproto3.RowDescription{Fields: make([]pgproto3.FieldDescription, len(cols))}
	for i, col := range cols {
		size := int16(-1)
		if t, ok := types.ByOID(col.Type.OID); ok {
			size = t.Info().Len
		}
		m.Fields[i] = pgproto3.FieldDescription{
			Name: []byte(col.Name), TableOID: col.TableOID, TableAttributeNumber: col.AttNum,
			DataTypeOID: col.Type.OID, DataTypeSize: size, TypeModifier: modifier(col.Type), Format: col.Format,
		}
	}
	return m
}

// modifier is a column's type modifier as a client may know it: that of record names fields in this process only.
func modifier(t types.Type) int32 {
	if t.Is(types.Record) || t.IsArray() && t.Elem().Is(types.Record) {
		return -1
	}
	return t.Mod
}

func (c *conn) execute(m *pgproto3.Execute) {
	portal, limit := m.Portal, int(int32(m.MaxRows))
	text := c.portals[portal]
	c.w.reset(false, text)
	err := c.call(func(ctx context.Context) error {
		c.w.ctx = ctx
		return c.sess.Execute(ctx, portal, max(limit, 0), &c.w)
	})
	c.w.end()
	if err != nil {
		c.failExtended(err, text)
	}
}

func (c *conn) close(m *pgproto3.Close) {
	name, statement := m.Name, m.ObjectType == 'S'
	err := c.call(func(context.Context) error {
		if statement {
			c.sess.CloseStatement(name)
			delete(c.stmts, name)
		} else {
			c.sess.ClosePortal(name)
			delete(c.portals, name)
		}
		return nil
	})
	if err != nil {
		c.failExtended(err, "")
		return
	}
	c.send(&pgproto3.CloseComplete{})
}

// sync ends a run of extended messages.
func (c *conn) sync() {
	c.skip = false
	if err := c.call(func(ctx context.Context) error { return c.sess.Sync(ctx) }); err != nil {
		c.fail(err, "")
	}
	c.ready()
}
