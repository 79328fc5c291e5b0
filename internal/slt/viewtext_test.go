package slt

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// unsteady are the SELECTs whose rows differ from one run to the next, or that change something.
var unsteady = regexp.MustCompile(`(?i)random|now\(|clock_|nextval|currval|lastval|setval|sleep|advisory|current_|localtime|backend|txid|tablesample|set_config|notify|pg_stat|streamsql|pg_class|pg_views|information_schema|pg_get|cancel|terminate|'(now|today|tomorrow|yesterday)'`)

// exceptions are the SELECTs whose text is PostgreSQL's, which the server does not read back.
var exceptions = regexp.MustCompile(`upto\(n\) FROM|PT2562047788|'all'`)

// asWritten are the SELECTs with what package deparse does not print, whose text is shown as it was written: SEARCH and CYCLE, aliases of USING,
// columns that are calls of functions, fields of functions' sets.
var asWritten = regexp.MustCompile(`(?i)\) (search (depth|breadth) first|cycle) |using \([a-z, ]+\) as |\.fa\b|select \(\w+\(2\)\)\.(\*|n)$`)

// TestViewTexts makes a view of every SELECT of the files whose names begin with pg_, prints it, and makes another view of the text: it must give the same rows
// and be printed in the same way, in the plain and in the pretty form.
func TestViewTexts(t *testing.T) {
	slots, views := make(chan struct{}, 2), make(chan int, 1000)
	names := files(t, func(base string) bool {
		return strings.HasPrefix(base, "pg_") && !strings.HasPrefix(base, "pg_regress")
	})
	t.Run("files", func(t *testing.T) {
		for _, name := range names {
			t.Run(strings.TrimPrefix(name, root+"/"), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				views <- viewTexts(t, name)
			})
		}
	})
	close(views)
	all, ran := 0, 0
	for n := range views {
		all, ran = all+n, ran+1
	}
	if all < 1000 && ran == len(names) {
		t.Errorf("only %d SELECTs could be views", all)
	}
}

func viewTexts(t *testing.T, name string) (views int) {
	recs, err := ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pgconn.Connect(ctx, startServer(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, rec := range recs {
		if rec.Kind != "statement" && rec.Kind != "query" || rec.Conn != "" {
			continue
		}
		fields, _, err := rowsOf(ctx, conn, rec.SQL)
		if exceptions.MatchString(rec.SQL) || asWritten.MatchString(rec.SQL) || conn.TxStatus() != 'I' || err != nil || rec.Kind != "query" || fields == 0 {
			continue
		}
		ok, err := viewText(ctx, conn, rec.SQL, fields)
		if err != nil {
			t.Errorf("%s:%d: %v\n%s", rec.File, rec.Line, err, rec.SQL)
		}
		if ok {
			views++
		}
	}
	return views
}

// rowsOf runs a query and gives how many columns it has, and its rows.
func rowsOf(ctx context.Context, conn *pgconn.PgConn, sql string) (fields int, rows []string, err error) {
	res, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil || len(res) == 0 {
		return 0, nil, err
	}
	last := res[len(res)-1]
	for _, r := range last.Rows {
		rows = append(rows, fmt.Sprintf("%q", r))
	}
	slices.Sort(rows)
	return len(last.FieldDescriptions), rows, nil
}

// viewText makes the round trip of one query; ok is false where it cannot be a view.
func viewText(ctx context.Context, conn *pgconn.PgConn, sql string, fields int) (ok bool, err error) {
	names := make([]string, fields)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i+1)
	}
	create := func(view, text string) error {
		_, _, err := rowsOf(ctx, conn, "CREATE VIEW "+view+" ("+strings.Join(names, ", ")+") AS "+text)
		return err
	}
	text := func(view, pretty string) string {
		_, rows, err := rowsOf(ctx, conn, "SELECT pg_get_viewdef('"+view+"'::regclass, "+pretty+")")
		if err != nil || len(rows) != 1 {
			return fmt.Sprint("no text: ", err)
		}
		res, _ := conn.Exec(ctx, "SELECT pg_get_viewdef('"+view+"'::regclass, "+pretty+")").ReadAll()
		return string(res[0].Rows[0][0])
	}
	if create("first_view", sql) != nil {
		return false, nil
	}
	defer rowsOf(ctx, conn, "DROP VIEW first_view")
	for _, pretty := range []string{"false", "true"} {
		def := text("first_view", pretty)
		if !strings.HasPrefix(def, " ") && !strings.HasPrefix(def, "(") {
			return true, fmt.Errorf("is not printed: %s", def)
		}
		if err := create("second_view", def); err != nil {
			return true, fmt.Errorf("the text is not understood: %v\n%s", err, def)
		}
		again := text("second_view", pretty)
		if again != def { // a conversion of an array became one of its elements, for instance; the text of that text is the same
			if err := create("third_view", again); err != nil {
				return true, fmt.Errorf("the second text is not understood: %v\n%s", err, again)
			}
			def, again = again, text("third_view", pretty)
			if _, _, err := rowsOf(ctx, conn, "DROP VIEW third_view"); err != nil {
				return true, err
			}
		}
		_, a, aerr := rowsOf(ctx, conn, "SELECT * FROM first_view")
		_, b, berr := rowsOf(ctx, conn, "SELECT * FROM second_view")
		_, _, err := rowsOf(ctx, conn, "DROP VIEW second_view")
		switch {
		case err != nil:
			return true, err
		case again != def:
			return true, fmt.Errorf("is printed otherwise:\n%s\n%s", def, again)
		case !unsteady.MatchString(sql) && ((aerr == nil) != (berr == nil) || !slices.Equal(a, b)):
			return true, fmt.Errorf("other rows (%v, %v):\n%v\n%v\n%s", aerr, berr, a, b, def)
		}
	}
	return true, nil
}
