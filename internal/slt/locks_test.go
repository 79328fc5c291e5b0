package slt

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/internal/pgtest"
)

// step is one statement of a session, and the rows, the tag or the SQLSTATE that it gives. One that ends in " ..." has to wait for another session; what it gives
// at last stands in a later step of its session with no statement.
type step struct{ who, sql, want string }

var lockScripts = []struct {
	name  string
	only  bool // not on PostgreSQL: there it goes otherwise
	steps []step
}{
	{name: "counter", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select v from t where id = 1 for update", "10"},
		{"b", "begin", "BEGIN"},
		{"b", "select v from t where id = 1 for update ...", ""},
		{"a", "update t set v = v + 1 where id = 1", "UPDATE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "", "11"},
		{"b", "update t set v = v + 1 where id = 1", "UPDATE 1"},
		{"b", "commit", "COMMIT"},
		{"c", "select v from t where id = 1", "12"}}},
	{name: "plain reads wait for nobody", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select v from t for update", "10 20 30"},
		{"b", "select v from t order by id", "10 20 30"},
		{"a", "rollback", "ROLLBACK"}}},
	{name: "nowait and lock_timeout", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select v from t where id = 1 for update", "10"},
		{"b", "select v from t where id = 1 for update nowait", "55P03"},
		{"b", "select v from t where id = 2 for update nowait", "20"},
		{"b", "set lock_timeout = '50ms'", "SET"},
		{"b", "select v from t order by id for share", "55P03"},
		{"b", "reset lock_timeout", "RESET"},
		{"b", "set statement_timeout = '50ms'", "SET"},
		{"b", "select v from t order by id for share", "57014"},
		{"b", "reset statement_timeout", "RESET"},
		{"a", "rollback", "ROLLBACK"},
		{"b", "select v from t where id = 1 for update nowait", "10"}}},
	{name: "strengths", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select v from t where id = 1 for share", "10"},
		{"b", "select v from t where id = 1 for share nowait", "10"},
		{"b", "select v from t where id = 1 for key share nowait", "10"},
		{"b", "select v from t where id = 1 for no key update nowait", "55P03"},
		{"a", "commit", "COMMIT"},
		{"a", "begin", "BEGIN"},
		{"a", "select v from t where id = 1 for no key update", "10"},
		{"b", "select v from t where id = 1 for key share nowait", "10"},
		{"b", "select v from t where id = 1 for share nowait", "55P03"},
		{"a", "commit", "COMMIT"}}},
	{name: "skip locked", steps: []step{
		{"a", "begin", "BEGIN"},
		{"b", "begin", "BEGIN"},
		{"a", "update t set v = 0 where id = (select id from t where v > 0 order by id limit 1 for update skip locked) returning id", "1"},
		{"b", "update t set v = 0 where id = (select id from t where v > 0 order by id limit 1 for update skip locked) returning id", "2"},
		{"c", "select id from t order by id for update skip locked", "3"},
		{"a", "commit", "COMMIT"},
		{"b", "rollback", "ROLLBACK"},
		{"c", "select id, v from t order by id for update skip locked", "1,0 2,20 3,30"}}},
	{name: "a limit locks no more rows than it gives", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select id from t order by id limit 1 offset 1 for update", "2"},
		{"b", "select id from t order by id for update skip locked", "3"},
		{"a", "commit", "COMMIT"}}},
	{name: "a writer waits", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select v from t where id = 1 for update", "10"},
		{"b", "update t set v = v * 2 where id = 1 returning v ...", ""},
		{"a", "update t set v = 11 where id = 1", "UPDATE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "", "22"},
		{"a", "begin", "BEGIN"},
		{"a", "select v from t where id = 2 for share", "20"},
		{"b", "delete from t where id = 2 ...", ""},
		{"a", "rollback", "ROLLBACK"},
		{"b", "", "DELETE 1"}}},
	{name: "a row that goes", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select v from t where id = 1 for update", "10"},
		{"b", "select v from t where id = 1 for update ...", ""},
		{"a", "delete from t where id = 1", "DELETE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "", "SELECT 0"}}},
	{name: "a row that no longer fits", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select id from t where v = 10 for update", "1"},
		{"b", "select id from t where v = 10 for update ...", ""},
		{"a", "update t set v = 15 where id = 1", "UPDATE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "", "SELECT 0"}}},
	{name: "repeatable read does not run again", steps: []step{
		{"b", "begin isolation level repeatable read", "BEGIN"},
		{"b", "select v from t where id = 3", "30"},
		{"a", "update t set v = 31 where id = 3", "UPDATE 1"},
		{"b", "select v from t where id = 3 for update", "40001"},
		{"b", "rollback", "ROLLBACK"}}},
	{name: "a child keeps its parent", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "insert into c values (1, 1)", "INSERT 0 1"},
		{"b", "update t set v = 5 where id = 1", "UPDATE 1"},
		{"b", "delete from t where id = 1 ...", ""},
		{"a", "commit", "COMMIT"},
		{"b", "", "23503"},
		{"b", "delete from t where id = 2", "DELETE 1"}}},
	{name: "a parent that goes", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "delete from t where id = 1", "DELETE 1"},
		{"b", "insert into c values (1, 1) ...", ""},
		{"a", "commit", "COMMIT"},
		{"b", "", "23503"},
		{"b", "insert into c values (1, 2), (2, 2), (3, 3)", "INSERT 0 3"}}},
	{name: "a parent that stays", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "delete from t where id = 1", "DELETE 1"},
		{"b", "begin", "BEGIN"},
		{"b", "insert into c values (1, 1) ...", ""},
		{"a", "rollback", "ROLLBACK"},
		{"b", "", "INSERT 0 1"},
		{"b", "commit", "COMMIT"},
		{"c", "select t.id from t join c on c.t = t.id", "1"}}},
	{name: "a parent that changes beside its key", steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "update t set v = 1 where id = 1", "UPDATE 1"},
		{"b", "insert into c values (1, 1)", "INSERT 0 1"},
		{"a", "commit", "COMMIT"},
		{"b", "begin", "BEGIN"},
		{"b", "insert into c values (2, 1)", "INSERT 0 1"},
		{"a", "update t set v = 2 where id = 1", "UPDATE 1"},
		{"b", "commit", "COMMIT"}}},
	{name: "deadlock", only: true, steps: []step{
		{"a", "begin", "BEGIN"},
		{"b", "begin", "BEGIN"},
		{"a", "select v from t where id = 1 for update", "10"},
		{"b", "select v from t where id = 2 for update", "20"},
		{"a", "select v from t where id = 2 for update ...", ""},
		{"b", "select v from t where id = 1 for update", "40P01"},
		{"b", "rollback", "ROLLBACK"},
		{"a", "", "20"},
		{"a", "rollback", "ROLLBACK"}}},
	{name: "a locked row is part of what the commit checks", only: true, steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "update t set v = 11 where id = 1", "UPDATE 1"},
		{"b", "begin", "BEGIN"},
		{"b", "select v from t where id = 1 for share", "10"},
		{"b", "update t set v = 21 where id = 2", "UPDATE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "commit", "40001"}}},
	{name: "lost update", only: true, steps: []step{
		{"a", "begin", "BEGIN"},
		{"b", "begin", "BEGIN"},
		{"a", "update t set v = v + 1 where id = 1", "UPDATE 1"},
		{"b", "update t set v = v + 1 where id = 1", "UPDATE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "commit", "40001"},
		{"c", "select v from t where id = 1", "11"}}},
	{name: "write skew is possible without locks, and not with them", only: true, steps: []step{
		{"a", "begin isolation level serializable", "BEGIN"},
		{"b", "begin isolation level serializable", "BEGIN"},
		{"a", "select sum(v) from t", "60"},
		{"b", "select sum(v) from t", "60"},
		{"a", "update t set v = 0 where id = 1", "UPDATE 1"},
		{"b", "update t set v = 0 where id = 2", "UPDATE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "commit", "COMMIT"},
		{"a", "begin", "BEGIN"},
		{"a", "select v from t order by id for update", "0 0 30"},
		{"b", "begin", "BEGIN"},
		{"b", "select v from t order by id for update ...", ""},
		{"a", "update t set v = 1 where id = 1", "UPDATE 1"},
		{"a", "commit", "COMMIT"},
		{"b", "", "1 0 30"},
		{"b", "commit", "COMMIT"}}},
	{name: "reads while a table changes its form", only: true, steps: []step{
		{"a", "begin", "BEGIN"},
		{"a", "select v from t order by id", "10 20 30"},
		{"b", "alter table t add column w int default 7", "ALTER TABLE"},
		{"b", "select w from t where id = 1", "7"},
		{"a", "commit", "COMMIT"},
		{"a", "select w from t where id = 2", "7"}}},
}

// TestLocks runs scripts of several sessions, which wait for each other, against this server and against PostgreSQL.
func TestLocks(t *testing.T) {
	ours, theirs := startServer(t), pgtest.Start(t)
	for _, sc := range lockScripts {
		t.Run(sc.name, func(t *testing.T) {
			runSteps(t, ours, sc.steps)
			if !sc.only {
				runSteps(t, theirs, sc.steps)
			}
		})
	}
}

func runSteps(t *testing.T, dsn string, steps []step) {
	t.Helper()
	conns := map[string]*pgconn.PgConn{}
	waiting := map[string]chan string{}
	conn := func(who string) *pgconn.PgConn {
		if conns[who] == nil {
			c, err := pgconn.Connect(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			conns[who] = c
		}
		return conns[who]
	}
	defer func() {
		for _, c := range conns {
			c.Close(context.Background())
		}
	}()
	answer(conn("a"), "drop table if exists t, c")
	answer(conn("a"), "create table t (id int primary key, v int)")
	answer(conn("a"), "create table c (id int primary key, t int references t)")
	answer(conn("a"), "insert into t values (1, 10), (2, 20), (3, 30)")
	for i, s := range steps {
		sql, waits := strings.CutSuffix(s.sql, " ...")
		got := ""
		switch {
		case waits:
			c, done := conn(s.who), make(chan string, 1)
			go func() { done <- answer(c, sql) }()
			select {
			case got = <-done:
				t.Fatalf("step %d %s: %s does not wait: %s", i, s.who, sql, got)
			case <-time.After(60 * time.Millisecond):
			}
			waiting[s.who] = done
		case sql == "":
			select {
			case got = <-waiting[s.who]:
			case <-time.After(10 * time.Second):
				t.Fatalf("step %d: %s waits for ever", i, s.who)
			}
		default:
			got = answer(conn(s.who), sql)
		}
		if got != s.want {
			t.Fatalf("step %d %s: %s\ngot  %s\nwant %s", i, s.who, s.sql, got, s.want)
		}
	}
}

// answer is the rows of a statement, its tag where it gives none, or the SQLSTATE of its error.
func answer(c *pgconn.PgConn, sql string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	r := c.ExecParams(ctx, sql, nil, nil, nil, nil).Read()
	if r.Err != nil {
		if e, ok := r.Err.(*pgconn.PgError); ok {
			return e.Code
		}
		return r.Err.Error()
	}
	if len(r.Rows) == 0 {
		return r.CommandTag.String()
	}
	var rows []string
	for _, row := range r.Rows {
		var vals []string
		for _, v := range row {
			vals = append(vals, string(v))
		}
		rows = append(rows, strings.Join(vals, ","))
	}
	return strings.Join(rows, " ")
}
