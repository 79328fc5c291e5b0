package slt

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Runner runs the records of one file.
type Runner struct {
	DSN     string
	DB      string // what skipif and onlyif name
	Dir     string // $__TEST_DIR__
	Timeout time.Duration

	conns   map[string]*pgconn.PgConn
	notices map[string]*[]string
	labels  map[string]string
	hash    int64
	actual  map[*Record][]string // results of queries, for Rewrite
	types   map[*Record]string
}

// Run runs the records and gives one error for each that fails, 20 at most.
func (r *Runner) Run(recs []*Record) (errs []error) {
	r.conns, r.notices, r.labels, r.actual = map[string]*pgconn.PgConn{}, map[string]*[]string{}, map[string]string{}, map[*Record][]string{}
	r.types = map[*Record]string{}
	if r.Timeout == 0 {
		r.Timeout = 30 * time.Second
	}
	defer func() {
		for _, c := range r.conns {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			c.Close(ctx)
			cancel()
		}
	}()
	for _, rec := range recs {
		if rec.Skipped(r.DB) {
			continue
		}
		if rec.Kind == "halt" {
			break
		}
		if err := r.record(rec); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w\n%s", rec.File, rec.Line, err, rec.SQL))
			if len(errs) == 20 {
				break
			}
		}
	}
	return errs
}

func (r *Runner) record(rec *Record) error {
	switch rec.Kind {
	case "sleep":
		time.Sleep(rec.Wait)
		return nil
	case "hash-threshold":
		r.hash = rec.Count
		return nil
	case "system":
		out, err := exec.Command("sh", "-c", r.text(rec.SQL)).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	conn, err := r.conn(rec.Conn)
	if err != nil {
		return err
	}
	switch {
	case rec.Kind == "query" && rec.Expect == "":
		return r.query(rec, conn)
	default:
		return r.statement(rec, conn)
	}
}

func (r *Runner) text(s string) string { return strings.ReplaceAll(s, "$__TEST_DIR__", r.Dir) }

// conn gives the connection of a name, which it makes at first use. A lost one is made again.
func (r *Runner) conn(name string) (*pgconn.PgConn, error) {
	if c := r.conns[name]; c != nil && !c.IsClosed() {
		return c, nil
	}
	cfg, err := pgconn.ParseConfig(r.DSN)
	if err != nil {
		return nil, err
	}
	var notices []string
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		notices = append(notices, n.Severity+": "+errorText((*pgconn.PgError)(n), ""))
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.Timeout)
	defer cancel()
	c, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	r.conns[name], r.notices[name] = c, &notices
	return c, nil
}

func (r *Runner) statement(rec *Record, conn *pgconn.PgConn) error {
	ctx, cancel := context.WithTimeout(context.Background(), r.Timeout)
	defer cancel()
	*r.notices[rec.Conn] = nil
	sql := r.text(rec.SQL)
	var count int64
	var err error
	if rec.Kind == "copy" {
		var tag pgconn.CommandTag
		tag, err = conn.CopyFrom(ctx, strings.NewReader(r.text(rec.Data)), sql)
		count = tag.RowsAffected()
	} else {
		var results []*pgconn.Result
		results, err = conn.Exec(ctx, sql).ReadAll()
		if len(results) > 0 {
			count = results[len(results)-1].CommandTag.RowsAffected()
		}
	}
	if rec.Expect == "error" {
		return checkError(rec, err, sql)
	}
	if err != nil {
		return fmt.Errorf("failed: %s", errorText(err, sql))
	}
	switch rec.Expect {
	case "count":
		if count != rec.Count {
			return fmt.Errorf("%d rows, want %d", count, rec.Count)
		}
	case "notice":
		all := strings.Join(*r.notices[rec.Conn], "\n")
		if ok, err := regexp.MatchString(rec.Pattern, all); err != nil || !ok {
			return fmt.Errorf("no notice like %q in %q %v", rec.Pattern, all, err)
		}
	}
	return nil
}

func checkError(rec *Record, err error, sql string) error {
	if err == nil {
		return fmt.Errorf("succeeded, want an error like %q", rec.Pattern)
	}
	text := errorText(err, sql)
	re, bad := regexp.Compile(rec.Pattern)
	if bad != nil {
		return bad
	}
	if !re.MatchString(text) {
		return fmt.Errorf("wrong error, want one like %q:\n%s", rec.Pattern, text)
	}
	return nil
}

// errorText is what patterns are looked for in.
func errorText(err error, sql string) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err.Error()
	}
	text := e.Code + ": " + e.Message
	if e.Detail != "" {
		text += "\nDETAIL: " + e.Detail
	}
	if e.Hint != "" {
		text += "\nHINT: " + e.Hint
	}
	if runes := []rune(sql); e.Position > 0 && int(e.Position) <= len(runes)+1 {
		at, _, _ := strings.Cut(string(runes[e.Position-1:]), "\n")
		text += "\nAT: " + at
	}
	return text
}

func (r *Runner) query(rec *Record, conn *pgconn.PgConn) error {
	var err error
	for try := 0; ; try++ {
		if err = r.queryOnce(rec, conn); err == nil || try >= rec.Retries {
			return err
		}
		time.Sleep(max(rec.Wait, 20*time.Millisecond))
	}
}

func (r *Runner) queryOnce(rec *Record, conn *pgconn.PgConn) error {
	rows, types, err := r.rows(rec, conn)
	if err != nil {
		return err
	}
	got := r.form(rec, rows)
	r.actual[rec], r.types[rec] = got, types
	if !sameTypes(types, rec.Types) {
		return fmt.Errorf("columns are %q, but types are %q; rows:\n%s", types, rec.Types, strings.Join(got, "\n"))
	}
	if rec.Label != "" {
		all := strings.Join(got, "\n")
		if before, ok := r.labels[rec.Label]; ok && before != all {
			return fmt.Errorf("result differs from the other with label %s:\n%s\nthe other:\n%s", rec.Label, all, before)
		}
		r.labels[rec.Label] = all
		if rec.result == 0 {
			return nil
		}
	}
	want := make([]string, len(rec.Rows))
	for i, w := range rec.Rows {
		want[i] = blanks(r.text(w))
	}
	if rec.Sort == "rowsort" || rec.Sort == "valuesort" {
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("wrong result\ngot:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return nil
}

// typeLetter is the letter of TYPES for a type.
func typeLetter(oid uint32) byte {
	switch oid {
	case pgtype.BoolOID:
		return 'B'
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID:
		return 'I'
	case pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID:
		return 'R'
	}
	return 'T'
}

func sameTypes(got, want string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if want[i] != '?' && want[i] != got[i] {
			return false
		}
	}
	return true
}

// rows runs the query and gives the values of its last result, and their types.
func (r *Runner) rows(rec *Record, conn *pgconn.PgConn) (rows [][]string, types string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.Timeout)
	defer cancel()
	sql := r.text(rec.SQL)
	if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(sql)), "COPY") {
		var b bytes.Buffer
		if _, err := conn.CopyTo(ctx, &b, sql); err != nil {
			return nil, "", fmt.Errorf("failed: %s", errorText(err, sql))
		}
		for _, l := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
			rows = append(rows, []string{l})
		}
		return rows, "T", nil
	}
	results := conn.Exec(ctx, sql)
	for results.NextResult() {
		rr := results.ResultReader()
		rows, types = nil, ""
		for _, f := range rr.FieldDescriptions() {
			types += string(typeLetter(f.DataTypeOID))
		}
		for rr.NextRow() {
			rows = append(rows, rowText(rr.Values()))
		}
		rr.Close()
	}
	if err := results.Close(); err != nil {
		return nil, "", fmt.Errorf("failed: %s", errorText(err, sql))
	}
	return rows, types, nil
}

func rowText(row [][]byte) []string {
	values := make([]string, len(row))
	for i, v := range row {
		switch {
		case v == nil:
			values[i] = "NULL"
		case len(v) == 0:
			values[i] = "(empty)"
		default:
			values[i] = string(v)
		}
	}
	return values
}

func blanks(s string) string { return strings.Join(strings.Fields(s), " ") }

// form gives the lines that a result is compared by.
func (r *Runner) form(rec *Record, rows [][]string) []string {
	var out []string
	n := int64(0)
	for _, row := range rows {
		n += int64(len(row))
		if rec.Sort == "valuesort" {
			for _, v := range row {
				out = append(out, blanks(v))
			}
			continue
		}
		out = append(out, blanks(strings.Join(row, " ")))
	}
	if rec.Sort == "rowsort" || rec.Sort == "valuesort" {
		slices.Sort(out)
	}
	if r.hash > 0 && n > r.hash {
		sum := md5.Sum([]byte(strings.Join(out, "\n") + "\n"))
		return []string{fmt.Sprintf("%d values hashing to %x", n, sum)}
	}
	return out
}
