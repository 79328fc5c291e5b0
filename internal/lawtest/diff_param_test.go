package lawtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// param is a value as a client sends it.
type param struct {
	oid    uint32
	format int16
	value  []byte
}

// withParams puts parameters in the place of some literals, with values as PostgreSQL writes them in the text or binary format.
func withParams(pg *pgconn.PgConn, rng *rand.Rand, q *tree) (string, []param) {
	var list []param
	var put func(t *tree) *tree
	put = func(t *tree) *tree {
		if t.constant && len(list) < 4 && rng.IntN(2) == 0 {
			format := int16(rng.IntN(2))
			r := exec(pg, "SELECT "+t.String(), nil, format)
			if r.err == nil && len(r.rows) == 1 && r.oids[0] < 16384 && r.oids[0] != 25 { // a literal of type text may stand where its kind counts
				list = append(list, param{r.oids[0], format, r.rows[0][0]})
				return leaf(t.cat, fmt.Sprintf("$%d", len(list)))
			}
		}
		n := *t
		n.parts = slices.Clone(t.parts)
		for i, p := range n.parts {
			if k, ok := p.(*tree); ok {
				n.parts[i] = put(k)
			}
		}
		return &n
	}
	return put(q).String(), list
}

func paramText(params []param) string {
	out := ""
	for i, p := range params {
		out += fmt.Sprintf("$%d %d %q ", i+1, p.oid, p.value)
	}
	return out
}

// sent is a result in a format.
type sent struct {
	oids []uint32
	rows [][][]byte
	err  error
}

// exec runs a statement by the extended protocol.
func exec(c *pgconn.PgConn, sql string, params []param, format int16) *sent {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var values [][]byte
	var oids []uint32
	var formats []int16
	for _, p := range params {
		values, oids, formats = append(values, p.value), append(oids, p.oid), append(formats, p.format)
	}
	r := c.ExecParams(ctx, sql, values, oids, formats, []int16{format})
	out := &sent{}
	for _, f := range r.FieldDescriptions() {
		out.oids = append(out.oids, f.DataTypeOID)
	}
	for r.NextRow() {
		row := make([][]byte, len(r.Values()))
		for i, v := range r.Values() {
			row[i] = bytes.Clone(v)
		}
		out.rows = append(out.rows, row)
	}
	_, out.err = r.Close()
	out.err = detailed(out.err)
	return out
}

// arrayOIDs are the types of arrays.
var arrayOIDs = map[uint32]bool{1005: true, 1007: true, 1009: true, 1015: true, 1016: true, 1115: true, 1182: true, 1185: true, 1187: true, 1231: true, 2287: true}

// texts are the rows in some fixed order, floats rounded.
func (s *sent) texts(format int16) []string {
	var out []string
	for _, row := range s.rows {
		text := ""
		for i, v := range row {
			switch {
			case v == nil:
				text += "|NULL"
			case format == 1 && s.oids[i] == 701 && len(v) == 8:
				text += "|" + roundText(math.Float64frombits(binary.BigEndian.Uint64(v)))
			case format == 0 && s.oids[i] == 701:
				f, _ := strconv.ParseFloat(string(v), 64)
				text += "|" + roundText(f)
			case format == 1 && arrayOIDs[s.oids[i]] && len(v) >= 12:
				text += fmt.Sprintf("|%q %q", v[:4], v[8:]) // but for the mark that it may have NULLs
			default:
				text += fmt.Sprintf("|%q", v)
			}
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// differParams compares a statement with parameters in both formats of results.
func differParams(pg, us *pgconn.PgConn, sql string, params []param) difference {
	for _, format := range []int16{0, 1} {
		a, b := exec(pg, sql, params, format), exec(us, sql, params, format)
		ca, cb := sqlState(a.err), sqlState(b.err)
		switch {
		case ca != "" && ca == cb:
			return difference{failed: true, code: ca}
		case ca != cb && (ca == "" || runtime(ca)) && (cb == "" || runtime(cb)):
			return difference{skip: true}
		case ca != cb:
			return difference{kind: "parameters: PostgreSQL " + ca + ", here " + cb, what: fmt.Sprintf("PostgreSQL: %v\nhere: %v", a.err, b.err)}
		case !slices.Equal(a.oids, b.oids):
			return difference{kind: "parameters: types", what: fmt.Sprintf("PostgreSQL: %v\nhere: %v", a.oids, b.oids)}
		}
		if x, y := a.texts(format), b.texts(format); !slices.Equal(x, y) {
			return difference{kind: fmt.Sprintf("parameters: rows in format %d", format), what: fmt.Sprintf("PostgreSQL: %s\nhere: %s", x, y)}
		}
	}
	return difference{}
}

func roundText(f float64) string { return strconv.FormatFloat(f, 'g', 11, 64) }
